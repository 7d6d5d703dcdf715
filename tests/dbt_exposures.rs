//! Exposures of dbt projects: what is made of models elsewhere.

mod dbt_project;

use dbt_project::{bytes, findings, lakelint, project};

const VIEW: &str =
    "select dt, id, json_extract_scalar(payload, '$.session') as session, amount from {{ source('raw', 'events') }}\n";

fn exposures(depends_on: &str) -> String {
    format!(
        "exposures:\n  - name: board\n    label: The board\n    type: dashboard\n    owner: {{name: Ada, email: ada@example.com}}\n    depends_on:\n{depends_on}"
    )
}

fn table(view: &str) -> String {
    format!(
        "{{{{ config(materialized='table') }}}}\nselect session, sum(amount) as a from {{{{ ref('{view}') }}}} where dt >= '2025-06-01' group by session\n"
    )
}

#[test]
fn a_look_at_an_exposure_opens_the_view_once_more() {
    let select = ["--select", "view-fan-out"];
    let told = |exposures: &str, models: usize| {
        let (a, b) = (table("stg"), table("stg"));
        let mut files = vec![
            ("models/stg.sql", VIEW),
            ("models/thin.sql", "select session, amount from {{ ref('stg') }}\n"),
            ("models/built.sql", "{{ config(materialized='table') }}\nselect 1 as a\n"),
            ("models/exposures.yml", exposures),
        ];
        files.extend([("models/a.sql", a.as_str()), ("models/b.sql", b.as_str())].into_iter().take(models));
        let folder = project(&files);
        let output = lakelint(folder.path(), &[&["check"], &select[..]].concat());
        (findings(folder.path(), &select), String::from_utf8_lossy(&output.stdout).replace("\n    ", " "))
    };
    let (found, _) = told("exposures: []\n", 2);
    assert_eq!(found, Vec::<String>::new(), "two models are not many");
    for on in [
        "      - ref('stg')\n",
        "      - \"{{ ref('shop', 'stg') }}\"\n      - metric('revenue')\n",
        "      - ref('thin')\n",
    ] {
        let (found, text) = told(&exposures(on), 2);
        assert_eq!(found, ["models/stg.sql:1:1 view-fan-out"], "{on}: {text}");
        assert!(text.contains("2 models and 1 exposure open `stg`"), "{text}");
        assert!(text.contains("and one look at the exposure"), "{text}");
        assert!(
            text.contains("at a look at the dashboard `The board` of Ada that filters nothing; how often is not known"),
            "{text}"
        );
    }
    let off = exposures("      - ref('stg')\n").replace("    type", "    config: {enabled: false}\n    type");
    for on in [off.as_str(), &exposures("      - ref('built')\n"), &exposures("      - source('raw', 'events')\n")] {
        assert_eq!(told(on, 2).0, Vec::<String>::new(), "{on}");
    }
    assert_eq!(told(&exposures("      - ref('stg')\n"), 1).0, Vec::<String>::new());
}

#[test]
fn what_an_exposure_depends_on_has_to_be_there() {
    let on = "      - ref('stg')\n      - ref('nobody')\n      - source('raw', 'nothing')\n";
    let folder = project(&[("models/stg.sql", VIEW), ("models/exposures.yml", &exposures(on))]);
    let select = ["--select", "unreadable-sql"];
    assert_eq!(
        findings(folder.path(), &select),
        ["models/exposures.yml:8:9 unreadable-sql", "models/exposures.yml:9:9 unreadable-sql"]
    );
    let output = lakelint(folder.path(), &["check", "models/exposures.yml"]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("model `nobody` is declared nowhere in this project"), "{text}");
    assert!(text.contains("source `raw.nothing` is declared nowhere in this project"), "{text}");
    // Of what was not asked about nothing is said.
    assert_eq!(findings(folder.path(), &["models/stg.sql", "--select", "unreadable-sql"]), Vec::<String>::new());
    let off = "name: shop\nexposures:\n  shop:\n    +enabled: false\n";
    let folder =
        project(&[("dbt_project.yml", off), ("models/stg.sql", VIEW), ("models/exposures.yml", &exposures(on))]);
    assert_eq!(findings(folder.path(), &select), Vec::<String>::new());
    let packages = "packages:\n  - package: someone/things\n    version: 1.0.0\n";
    let folder =
        project(&[("packages.yml", packages), ("models/stg.sql", VIEW), ("models/exposures.yml", &exposures(on))]);
    assert_eq!(findings(folder.path(), &select), Vec::<String>::new());
}

#[test]
fn what_an_exposure_costs_is_what_it_depends_on() {
    let folder = project(&[
        ("models/stg.sql", VIEW),
        ("models/a.sql", &table("stg")),
        ("models/orders_v1.sql", &table("stg")),
        ("models/orders_v2.sql", &table("stg")),
        ("models/orders.yml", "models:\n  - name: orders\n    latest_version: 2\n    versions: [{v: 1}, {v: 2}]\n"),
        (
            "models/top.sql",
            "{{ config(materialized='table') }}\nselect a.session from {{ ref('a') }} a join {{ ref('orders', v=1) }} o on o.session = a.session\n",
        ),
        ("models/exposures.yml", &exposures("      - ref('top')\n      - ref('orders')\n")),
    ]);
    let names = |select: &str| {
        bytes(folder.path(), &["--select", select]).into_iter().map(|(name, _)| name).collect::<Vec<_>>()
    };
    assert_eq!(names("exposure:board"), ["orders_v2", "top"]);
    assert_eq!(names("+exposure:board"), ["a", "orders_v1", "orders_v2", "stg", "top"]);
    assert_eq!(names("orders.v1+"), ["orders_v1", "top"]);
    assert_eq!(names("orders"), ["orders_v1", "orders_v2"]);
    let output = lakelint(folder.path(), &["cost", "--select", "exposure:nobody"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_source_that_only_an_exposure_reads_has_an_age_too() {
    let folder = project(&[("models/exposures.yml", &exposures("      - source('raw', 'events')\n"))]);
    let select = ["--select", "freshness-not-checked"];
    assert_eq!(findings(folder.path(), &select), ["models/sources.yml:4:15 freshness-not-checked"]);
    let output = lakelint(folder.path(), &[&["check"], &select[..]].concat());
    let text = String::from_utf8_lossy(&output.stdout).replace("\n    ", " ");
    assert!(text.contains("the dashboard `The board` of Ada reads `raw.events`"), "{text}");
}
