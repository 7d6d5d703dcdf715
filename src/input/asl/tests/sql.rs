//! SQL in definitions, and where it stands.

use super::super::testing::machine_at;
use crate::document::Text;
use crate::lake::Sources;

/// The SQL of a query state whose `QueryString` field is given, with the file.
fn sql(field: &str) -> Option<(Text, Sources)> {
    let asl = format!(
        r#"{{"StartAt":"Q","States":{{"Q":{{"Type":"Task","Resource":"arn:aws:states:::athena:startQueryExecution.sync",
        "Arguments":{{{field},"QueryExecutionContext":{{"Database":"sales"}}}},"End":true}}}}}}"#
    );
    let (machine, sources) = machine_at("a.json", &asl);
    let (id, sql) = machine.queries.into_iter().next()?;
    assert_eq!((id.0, sql.database.as_deref()), (0, Some("sales")));
    Some((sql.text, sources))
}

#[test]
fn literals_formats_and_concatenations_are_read() {
    for (field, expected) in [
        (r#""QueryString":"select a\nfrom t where d = '${Day}'""#, "select a\nfrom t where d = '${Day}'"),
        (
            r#""QueryString.$":"States.Format('select * from t where dt = \\'{}\\' and n = {}', $.dates['day'], 3)""#,
            "select * from t where dt = '${dates.day}' and n = 3",
        ),
        (
            r#""QueryString.$":"States.Format('select \\{\\} from {}', States.Format('db_{}.t', $$.Execution.Input.env))""#,
            "select {} from db_${Execution.Input.env}.t",
        ),
        (r#""QueryString.$":"States.Format('select {} from t', States.UUID())""#, "select ${States.UUID} from t"),
        (r#""QueryString.$":"States.Format('select {} from t', 'it\\'s')""#, "select it's from t"),
        (r#""QueryString.$":"States.Format('é {}')""#, "é ${_}"),
        (
            r#""QueryString":"{% \"select * from t where dt = '\" & $states.input.day & \"' limit \" & $string($n) %}""#,
            "select * from t where dt = '${states.input.day}' limit ${string__n}",
        ),
        (r#""QueryString":"{% 'select\\n1' %}""#, "select\n1"),
        (r#""QueryString":{"Fn::Join":["",["select * from ",{"Ref":"Db"},".t"]]}"#, "select * from ${Db}.t"),
        (r#""QueryString":{"Fn::Sub":"select * from ${Db}.t"}"#, "select * from ${Db}.t"),
    ] {
        let (text, _) = sql(field).unwrap_or_else(|| panic!("no SQL in {field}"));
        assert_eq!(&*text.value, expected, "{field}");
        assert_eq!(text.map.len(), text.value.len(), "{field}");
    }
}

#[test]
fn what_the_run_decides_is_not_read() {
    for field in [
        r#""QueryString.$":"$.query""#,
        r#""QueryString.$":"States.Format('{}', $.query)""#,
        r#""QueryString.$":"States.Format($.template, $.x)""#,
        r#""QueryString.$":"States.ArrayGetItem($.queries, 0)""#,
        r#""QueryString.$":"States.Format('select 1'""#,
        r#""QueryString":"{% $query %}""#,
        r#""QueryString":"{% $full ? 'select 1' : 'select 2' %}""#,
        r#""QueryString":"{% ($x := 'select 1'; $x) %}""#,
        r#""QueryString":"${Query}""#,
        r#""QueryString":${Query}"#,
        r#""QueryString":" ""#,
        r#""Other":1"#,
    ] {
        assert!(sql(field).is_none(), "{field}");
    }
}

#[test]
fn places_in_the_sql_are_places_in_the_definition() {
    let (text, sources) =
        sql(r#""QueryString.$":"States.Format('select *\nfrom t where dt = \\'{}\\' and x', $.day)""#).expect("sql");
    let at = |needle: &str| {
        let start = text.value.find(needle).expect("needle");
        sources.text(text.map.span(start..start + needle.len())).to_owned()
    };
    assert_eq!(at("from t"), "from t");
    assert_eq!(at("\n"), r"\n");
    assert_eq!(at("'"), r"\\'");
    assert_eq!(at("${day}"), "{}");
    assert_eq!(at("'${day}'"), r"\\'{}\\'");
    let (text, sources) = sql(r#""QueryString":"{% \"select \" & $x & \" from t\" %}""#).expect("sql");
    let at = |needle: &str| {
        let start = text.value.find(needle).expect("needle");
        sources.text(text.map.span(start..start + needle.len())).to_owned()
    };
    assert_eq!((at("select"), at("${x}"), at("from t")), ("select".to_owned(), "$x".to_owned(), "from t".to_owned()));
}

#[test]
fn block_scalars_keep_their_places() {
    let yaml = "StartAt: Q\nStates:\n  Q:\n    Type: Task\n    Resource: arn:aws:states:::athena:startQueryExecution.sync\n    Parameters:\n      QueryString: |\n        select *\n        from orders\n    End: true\n";
    let (machine, sources) = machine_at("a.yaml", yaml);
    let text = &machine.queries[0].1.text;
    assert_eq!(text.value.trim_end(), "select *\nfrom orders");
    let start = text.value.find("orders").expect("orders");
    let span = text.map.span(start..start + 6);
    assert_eq!((sources.text(span), sources.position(span.file, span.start).line), ("orders", 9));
}
