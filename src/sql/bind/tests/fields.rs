//! Which fields of struct columns a statement needs.

use super::{query, show};

/// The columns of the first read, whole ones by name, others by field.
fn columns(sql: &str) -> String {
    let (_, query) = query(sql);
    let read = &query.reads[0];
    let crate::lake::ColumnsUsed::Some(names) = &read.columns else { return "*".to_string() };
    let shown = names.iter().flat_map(|name| match read.fields.get(name) {
        Some(fields) => fields.iter().map(|field| format!("{name}.{field}")).collect(),
        None => vec![name.clone()],
    });
    shown.collect::<Vec<_>>().join(" ")
}

#[test]
fn a_dereference_needs_its_leaf() {
    for (sql, expected) in [
        ("select user.name from people", "user.name"),
        ("select p.user.address.city from people p", "user.address.city"),
        ("select lake.people.user.name from lake.people", "user.name"),
        ("select User.Name from people where dt = 'x'", "dt user.name"),
        ("select (user).address.zip from people", "user.address.zip"),
        ("select id from people where user.name = 'x'", "id user.name"),
        ("select count(*) from people group by user.address.city", "user.address.city"),
        ("select max(upper(user.name)) from people", "user.name"),
        ("select user.address, user.address.city from people", "user.address"),
        ("select s.u.name from (select user as u, id from people) s", "user.name"),
        ("select s.a.city from (select user.address as a from people) s", "user.address.city"),
        ("with s as (select * from people) select s.user.name from s", "user.name"),
        ("with s as (select * from people) select user.address.city, user.name from s", "user.address.city user.name"),
        ("select wide.a.b.c, x.y from wide", "a.b.c x.y"),
        ("select p.id from people p join dim d on p.user.name = d.name", "id user.name"),
        ("select id from people order by user.name", "id user.name"),
    ] {
        assert_eq!(columns(sql), expected, "{sql}");
    }
}

#[test]
fn everything_else_needs_the_whole_column() {
    for (sql, expected) in [
        ("select user from people", "user"),
        ("select user, user.name from people", "user"),
        ("select user.name from people where user is not null", "user"),
        ("select cast(user as json) from people", "user"),
        ("select tags['k'] from people", "tags"),
        ("select element_at(tags, 'k') from people", "tags"),
        ("select history[1].what from people", "history"),
        ("select h.what from people cross join unnest(history) as h (at, what)", "history"),
        ("select tags.k from people", "tags"),
        ("select * from people", "*"),
        ("select user.* from people", "user"),
        ("select s.u.name from (select user u from people union all select user from people) s", "user"),
    ] {
        assert_eq!(columns(sql), expected, "{sql}");
    }
}

#[test]
fn a_table_comes_before_a_column_of_its_name() {
    assert_eq!(columns("select user.name from people as user"), "name");
    assert_eq!(columns("select user.id from people as user"), "id");
    assert_eq!(columns("select user.user.name from people as user"), "user.name");
}

#[test]
fn predicates_on_fields_leave_domains_of_their_leaves() {
    let (_, query) = query("select id from people where user.name = 'x' and user.address.city > 'm'");
    let domains = query.reads[0].conjuncts.iter().flat_map(|c| &c.data_domains);
    let shown: Vec<String> = domains.map(|(name, domain)| format!("{name} {}", show(domain))).collect();
    assert_eq!(shown, ["user.name x", "user.address.city (m..)"]);
}
