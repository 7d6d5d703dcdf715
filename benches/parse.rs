//! Speed of splitting and parsing SQL files of about 2.5 KB, in bytes per second on one core.

use criterion::{Criterion, Throughput};
use lakelint::lake::FileId;
use lakelint::sql::{STACK_BYTES, parse, split};

/// A file like those of a data product: a few joins, CTEs, window functions, comments.
fn file(n: usize) -> String {
    let query = format!(
        "-- revenue per customer and day, part {n}\nwith orders_{n} as (\n    select o.order_id, o.customer_id, cast(o.amount as decimal(12, 2)) as amount,\n           \
         date_trunc('day', o.created_at) as created_day, o.dt\n    from lake.orders o\n    where o.dt between '2024-05-01' and '2024-05-{:02}'\n      \
         and o.status in ('paid', 'shipped', 'returned') and coalesce(o.is_test, false) = false\n), ranked as (\n    select customer_id, created_day, \
         sum(amount) as revenue, count(distinct order_id) as orders,\n           row_number() over (partition by customer_id order by sum(amount) desc) as rn\n    \
         from orders_{n} group by customer_id, created_day having sum(amount) > 0\n)\nselect c.country, c.segment, r.created_day, sum(r.revenue) as revenue,\n       \
         approx_percentile(r.revenue, 0.5) filter (where r.rn = 1) as median_best_day,\n       case when sum(r.orders) > 100 then 'large' when sum(r.orders) > 10 \
         then 'medium' else 'small' end as size\nfrom ranked r\njoin lake.customers c on c.customer_id = r.customer_id and c.snapshot_date = date_format(current_date \
         - interval '1' day, '%Y-%m-%d')\nleft join lake.regions g on g.country = c.country\nwhere r.rn <= 30 and g.name is not null\ngroup by 1, 2, 3\norder by revenue desc\nlimit 1000;\n",
        n % 28 + 1
    );
    format!("{query}\ninsert into lake.daily_revenue_{n}\n{query}")
}

fn split_and_parse(c: &mut Criterion) {
    let files: Vec<String> = (0..400).map(file).collect();
    let bytes: usize = files.iter().map(String::len).sum();
    let mut group = c.benchmark_group("sql");
    group.throughput(Throughput::Bytes(bytes as u64)).sample_size(10);
    group.bench_function("split", |b| b.iter(|| files.iter().map(|f| split(f).len()).sum::<usize>()));
    group.bench_function("split and parse", |b| {
        b.iter(|| {
            for file in &files {
                for statement in split(file) {
                    parse(FileId(0), file, statement).expect("a statement");
                }
            }
        })
    });
    group.finish();
}

/// The parser recurses deeply, as in the tool, so everything runs on a thread with its stack.
fn main() {
    let run = || {
        let mut criterion = Criterion::default().configure_from_args();
        split_and_parse(&mut criterion);
        criterion.final_summary();
    };
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(run);
    thread.expect("a thread").join().expect("no panic");
}
