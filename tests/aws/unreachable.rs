//! Endpoints where nobody answers: told within seconds, and waited for when they come back.

use std::time::{Duration, Instant};

use crate::child::{command, printed};

#[test]
fn an_endpoint_that_nobody_answers_is_told_within_seconds() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let refused = format!("http://{}", free.local_addr().expect("an address"));
    drop(free);
    let sources: &[&[&str]] = &[
        &["s3://lake/"],
        &["--athena-history"],
        &["s3://lake=list.txt", "--glue", "lake", "--workgroup", "w"],
        &["--inventory", "ops.inventory", "--on", "athena"],
        #[cfg(feature = "glue")]
        &["s3://lake=list.txt", "--glue", "lake"],
        #[cfg(feature = "sfn")]
        &["s3://lake=list.txt", "--sfn"],
    ];
    std::thread::scope(|scope| {
        for url in [refused.as_str(), "http://no-such-host.invalid"] {
            for source in sources {
                scope.spawn(move || {
                    let (dir, home) = (tempfile::tempdir().expect("folder"), tempfile::tempdir().expect("home"));
                    std::fs::write(dir.path().join("list.txt"), "2024-01-01 00:00:00 1000 t/a.csv\n").expect("written");
                    let args = [&["scan", "--path-style"], *source].concat();
                    let start = Instant::now();
                    let output = command(dir.path(), home.path(), url, &args).output().expect("run");
                    let (took, text) = (start.elapsed(), printed(&output));
                    assert_eq!(output.status.code(), Some(2), "{args:?}: {text}");
                    assert!(text.contains("check the network and the endpoint"), "{args:?}: {text}");
                    assert!(took < Duration::from_secs(15), "{args:?} took {took:?}: {text}");
                });
            }
        }
    });
}
