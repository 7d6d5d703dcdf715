//! Rendering, text by text.

use super::project::BUNDLED;
use super::render::{MacroFile, Model, Names, Rendered, Renderer, Stopped};
use super::values::Relation;

const PROJECT: &str = "shop";

fn relation(schema: Option<&str>, identifier: &str) -> Relation {
    Relation { schema: schema.map(str::to_string), ..Relation::of(identifier) }
}

fn renderer(macros: &[(&str, &str, &str)]) -> Renderer {
    let mut names = Names { project: PROJECT.to_string(), ..Names::default() };
    names.refs.insert("orders".to_string(), relation(Some("marts"), "orders"));
    names.sources.insert(("raw".to_string(), "events".to_string()), relation(Some("landing"), "events_v2"));
    names.vars.insert(PROJECT.to_string(), [("days".to_string(), 7.into())].into());
    let files: Vec<MacroFile<'_>> =
        macros.iter().map(|(package, name, text)| MacroFile { package, name: name.to_string(), text }).collect();
    Renderer::new(names, &files, std::iter::empty())
}

fn render_with(macros: &[(&str, &str, &str)], text: &str, is_incremental: bool) -> Result<Rendered, Stopped> {
    renderer(macros).render(&Model { is_incremental, ..Model::new(text, PROJECT, relation(None, "daily")) })
}

fn render(text: &str) -> String {
    render_with(&[], text, false).expect("rendered").text
}

#[test]
fn relations_variables_and_configuration() {
    let text = "{{ config(materialized='incremental', partitioned_by=['dt']) }}select * from {{ ref('orders') }} o join {{ source('raw', 'events') }} on {{ var('days') }} > {{ var('more', 3) }}{% if is_incremental() %} where dt > (select max(dt) from {{ this }}){% endif %}";
    let rendered = render_with(&[], text, true).expect("rendered");
    assert_eq!(
        rendered.text,
        "select * from \"marts\".\"orders\" o join \"landing\".\"events_v2\" on 7 > 3 where dt > (select max(dt) from \"daily\")"
    );
    assert_eq!(rendered.asked.refs, ["orders"]);
    assert_eq!(rendered.asked.sources, [("raw".to_string(), "events".to_string())]);
    assert_eq!(rendered.asked.config["materialized"].as_str(), Some("incremental"));
    assert!(!render_with(&[], text, false).expect("rendered").text.contains("where"));
}

#[test]
fn every_piece_stands_where_it_comes_from() {
    let text = "{% set keys = ['a', 'b'] -%}\nselect é{% for key in keys %}, {{ key }}{% endfor %}\nfrom {{ ref('orders') }}\nwhere {{ in_days('dt') }}";
    let macros = [(PROJECT, "m.sql", "{% macro in_days(key) %}{{ key }} >= 'x'{% endmacro %}")];
    let rendered = render_with(&macros, text, false).expect("rendered");
    assert_eq!(rendered.text, "select é, a, b\nfrom \"marts\".\"orders\"\nwhere dt >= 'x'");
    let mut at = 0;
    let mut shown = Vec::new();
    for piece in &rendered.pieces {
        assert_eq!(piece.rendered.start, at);
        at = piece.rendered.end;
        shown.push((&rendered.text[piece.rendered.clone()], &text[piece.file.clone()]));
    }
    assert_eq!(at, rendered.text.len());
    assert_eq!(
        shown,
        [
            ("select é", "select é"),
            (", ", ", "),
            ("a", "{{ key }}"),
            (", ", ", "),
            ("b", "{{ key }}"),
            ("\nfrom ", "\nfrom "),
            ("\"marts\".\"orders\"", "{{ ref('orders') }}"),
            ("\nwhere ", "\nwhere "),
            ("dt >= 'x'", "{{ in_days('dt') }}"),
        ]
    );
}

#[test]
fn macros_of_all_files_and_packages_see_each_other() {
    let macros = [
        (
            PROJECT,
            "a.sql",
            "{% macro a(x) %}{{ b(x) }}{{ utils.c(x, 2, k=3) }}{% endmacro %}{% macro list() %}{{ return([1, 2]) }}{% endmacro %}",
        ),
        (PROJECT, "b.sql", "{% macro b(x) %}<{{ x }}{{ this }}{% if is_incremental() %}!{% endif %}>{% endmacro %}"),
        (
            "utils",
            "c.sql",
            "{% macro c(x) %}{{ varargs[0] }}{{ kwargs.k }}{{ d() }}{% endmacro %}{% macro d() %}{{ adapter.dispatch('e', 'utils')() }}{% endmacro %}{% macro default__e() %}default{% endmacro %}{% macro athena__e() %}athena{% endmacro %}",
        ),
    ];
    let text = "{{ a('x') }}{% for i in list() %} {{ i }}{% endfor %}";
    assert_eq!(render_with(&macros, text, true).expect("rendered").text, "<x\"daily\"!>23athena 1 2");
}

#[test]
fn packages_call_their_own_macros_by_name() {
    let macros = [
        ("utils", "a.sql", "{% macro outer() %}{{ inner() }}{{ adapter.dispatch('kind')() }}{% endmacro %}"),
        ("utils", "b.sql", "{% macro inner() %}utils{% endmacro %}{% macro default__kind() %}1{% endmacro %}"),
        ("zoo", "c.sql", "{% macro inner() %}zoo{% endmacro %}{% macro default__kind() %}2{% endmacro %}"),
        ("zoo", "d.sql", "{% macro other() %}{{ adapter.dispatch('kind', 'zoo')() }}{% endmacro %}"),
    ];
    assert_eq!(render_with(&macros, "{{ utils.outer() }}{{ zoo.other() }}", false).expect("rendered").text, "utils12");
    let macros = [macros[0], macros[1], (PROJECT, "e.sql", "{% macro inner() %}own{% endmacro %}")];
    assert_eq!(render_with(&macros, "{{ inner() }}", false).expect("rendered").text, "own");
}

#[test]
fn python_and_dbt_idioms() {
    assert_eq!(
        render(
            "{% set x = [] %}{% for a in 'a b'.split(' ') %}{% do x.append(a.upper()) %}{% endfor %}{{ x | join(',') }}"
        ),
        "A,B"
    );
    assert_eq!(render("{% set d = {'a': 1} %}{% for k, v in d.items() %}{{ k }}={{ v }}{% endfor %}"), "a=1");
    assert_eq!(
        render(
            "{% if execute %}{% set r = run_query('select 1') %}{% for x in r.columns[0].values() %}{{ x }}{% endfor %}{% endif %}"
        ),
        "{{ unknown }}"
    );
    assert_eq!(render("{{ env_var('A', 'b') }}{{ target.schema }}{{ log('x', info=True) }}"), "b{{ unknown }}");
}

#[test]
fn what_cannot_be_rendered_says_why_and_where() {
    let stopped = |text: &str, macros: &[(&str, &str, &str)]| {
        let stopped = render_with(macros, text, false).expect_err("stopped");
        (text[stopped.file].to_string(), stopped.message)
    };
    assert_eq!(
        stopped("select {{ nobody_knows(1) }}", &[]),
        ("nobody_knows(1)".to_string(), "unknown function: nobody_knows is unknown".to_string())
    );
    assert_eq!(stopped("select {% if %}", &[]).1, "syntax error: unexpected end of block");
    let (at, message) = stopped("select {{ f() }}", &[(PROJECT, "m.sql", "{% macro f() %}{{ f() }}{% endmacro %}")]);
    assert_eq!((at.as_str(), message.contains("recursion limit")), ("f()", true), "{message}");
    let apart = [
        (PROJECT, "m.sql", "{% macro f() %}{{ g() }}{% endmacro %}"),
        (PROJECT, "n.sql", "{% macro g() %}{{ f() }}{% endmacro %}"),
    ];
    let (at, message) = stopped("select {{ f() }}", &apart);
    assert_eq!((at.as_str(), message.contains("macros call each other")), ("f()", true), "{message}");
    let (_, message) =
        stopped("{% for i in range(100000) %}{% for j in range(100000) %}{{ i }}{% endfor %}{% endfor %}", &[]);
    assert!(message.contains("it takes more than 5,000,000 instructions"), "{message}");
}

#[test]
fn what_computes_with_the_unknown_is_unknown() {
    for text in [
        "{{ (modules.datetime.date(2025, 6, 30) - modules.datetime.timedelta(days=1)).isoformat() }}",
        "{% set n = run_query('select 1').columns[0][0] + 1 %}{{ n }}",
        "{{ late(2) }}",
        "{{ (adapter.get_columns_in_relation(this) | length) + 1 }}",
        "{{ run_query('x') | sum }}",
        "{{ adapter.Relation.create(identifier='x') }}",
        "{% if adapter.get_relation('a', 'b', 'c') is not none %}{{ exceptions.raise_compiler_error('no') }}{% endif %}",
    ] {
        let macros = [(PROJECT, "m.sql", "{% macro late(days) %}{{ -run_started_at * days }}{% endmacro %}")];
        assert_eq!(render_with(&macros, text, false).expect("rendered").text, "{{ unknown }}", "{text}");
    }
    let text = "select 1 -- é\n, {{ run_query('x')[0] - 1 }} as a, {{ 1 + 1 }} as b";
    let rendered = render_with(&[], text, false).expect("rendered");
    let shown: Vec<&str> = rendered.pieces.iter().map(|piece| &text[piece.file.clone()]).collect();
    assert_eq!(shown, ["select 1 -- é\n, ", "{{ run_query('x')[0] - 1 }}", " as a, ", "{{ 1 + 1 }}", " as b"]);
}

#[test]
fn versions_and_quoted_names() {
    assert_eq!(
        render("{{ ref('orders', v=1) }} {{ ref('orders', version=1) }}"),
        "\"marts\".\"orders\" \"marts\".\"orders\""
    );
    assert_eq!(render("{{ adapter.quote('a b') }}"), "\"a b\"");
    assert_eq!(render("{{ function('net') }}(1)"), "\"net\"(1)");
    assert_eq!(
        render("{{ env_var('A', default='x') }}{{ env_var('A') }}{{ tojson([1], sort_keys=true) }}"),
        "x{{ unknown }}[1]"
    );
}

#[test]
fn what_is_built_in_can_be_called() {
    let files = BUNDLED.map(|(package, text)| (package, package, text));
    assert_eq!(renderer(&files).problems, []);
    let render = |text: &str| render_with(&files, text, false).expect("rendered").text;
    assert_eq!(render("{{ dateadd('day', -3, 'dt') }}"), "date_add('day', -3, dt)");
    assert_eq!(render("{{ dbt.date_trunc('day', 'dt') }}"), "date_trunc('day', dt)");
    assert_eq!(render("{{ date(2025, 6, 3) }}"), "date('2025-06-03')");
    assert_eq!(render("{{ dbt_utils.group_by(3) }}"), "group by 1, 2, 3");
    assert_eq!(render("{{ test_not_null(model='t', column_name='a') }}"), "select a from t where a is null");
    assert_eq!(
        render("{{ dbt_utils.union_relations([ref('orders'), ref('orders')], source_column_name=none) }}"),
        "(select * from \"marts\".\"orders\") union all (select * from \"marts\".\"orders\")"
    );
}

#[test]
fn names_that_nobody_knows_are_no_mistakes() {
    for text in [
        "{{ ref(var('base')) }}",
        "{{ ref(env_var('BASE') ~ '_x') }}",
        "{{ source(var('lake'), 'events') }}",
        "{{ source('raw', env_var('TABLE')) }}",
        "{{ var('n') | int }}",
    ] {
        let rendered = render_with(&[], text, false).expect("rendered");
        assert_eq!((rendered.text.as_str(), rendered.asked.missing), ("{{ unknown }}", Vec::new()), "{text}");
    }
}

#[test]
fn idioms_of_python() {
    for (text, expected) in [
        ("{% set d = {} %}{% do d.update({'a': []}) %}{% do d['a'].append(1) %}{{ d['a'] | length }}", "1"),
        ("{% set d = {'x': {'y': [1]}} %}{% do d['x']['y'].append(2) %}{{ d.x.y | length }}", "2"),
        ("{% set d = {} %}{% do d.setdefault('a', []).append(1) %}{{ d.a | length }}", "1"),
        (
            "{% set n = namespace(found=[]) %}{% for i in [1, 2] %}{% do n.found.append(i) %}{% endfor %}{{ n.found }}",
            "[1, 2]",
        ),
        ("{% set x = dict(a=1) %}{% do x.update(b=2) %}{{ x.a }}{{ x.b }}", "12"),
        ("{% for k, v in {'b': 1, 'a': 2}.items() %}{{ k }}{{ v }}{% endfor %}", "b1a2"),
        ("{% set m = {'b': 1, 'a': 2} %}{% for k in m %}{{ k }}{% endfor %}", "ba"),
        ("{% set a = [1] %}{% set b = a.copy() %}{% do b.append(2) %}{{ a | length }}{{ b | length }}", "12"),
        ("{% set a = [1] %}{% set b = [a] %}{% do b[0].append(2) %}{{ a | length }}", "2"),
        ("{% set a = [1, 2, 3] %}{{ a.pop(0) }}{{ a.pop(-1) }}{{ a }}", "13[2]"),
        ("{{ set([1, 1, 2]) | length }}{{ 'x'.zfill(3) }}{{ 'x'.ljust(2, '-') }}", "200xx-"),
        ("{{ 'a-b-c'.rsplit('-', 1) }}{% set x = ['a', 'b'] %}{{ x.index('b') }}", "['a-b', 'c']1"),
        ("{% set t = [ref('orders')] %}{{ t[0].identifier }}", "orders"),
    ] {
        assert_eq!(render(text), expected, "{text}");
    }
}

#[test]
fn lists_change_wherever_they_are_held() {
    for text in [
        "{% set a, b = [], ['y'] %}{% do a.append('x') %}{{ a[0] }}{{ b[0] }}",
        "{% set n = namespace(l=['x']) %}{% do n.l.append('y') %}{{ n.l | join }}",
        "{% set n = namespace() %}{% set n.l = ['x'] %}{% do n.l.append('y') %}{{ n.l | join }}",
        "{% set d = {'a': ['x']} %}{% do d['a'].append('y') %}{{ d.a | join }}",
        "{% set l = [['x'], []] %}{% do l[0].append('y') %}{{ l[0] | join }}",
        "{% set l = ['x', 'y'] if true else [] %}{{ l | join }}",
    ] {
        assert_eq!(render(text), "xy", "{text}");
    }
}

#[test]
fn what_is_unknown_is_taken_apart() {
    let unknown = "{{ unknown }}";
    for (text, expected) in [
        ("{% set a, b = run_query('x').rows[0] %}{{ a }}{{ b }}", unknown.repeat(2)),
        ("{% for a, b, c in run_query('x') %}{{ c }}{% endfor %}", unknown.to_string()),
        ("{% set rows = modules.itertools %}{% for a, b in rows %}{{ a }}{% endfor %}", unknown.to_string()),
        ("{% for k, v in graph.nodes.items() %}{{ v }}{% endfor %}", unknown.to_string()),
        ("{{ (modules.datetime.datetime.now() + modules.datetime.timedelta(1)).strftime('%Y') }}", unknown.to_string()),
    ] {
        assert_eq!(render(text), expected, "{text}");
    }
}
