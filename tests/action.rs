//! The steps of action.yml as far as they run without GitHub: action/run against an API on the loopback interface.

mod git;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};

use git::git;
use serde_json::{Value, json};

/// Comments of a pull request, as the API keeps them.
#[derive(Default)]
struct Api {
    comments: Mutex<Vec<Value>>,
    /// Method and path of every call.
    calls: Mutex<Vec<String>>,
    is_read_only: bool,
}

impl Api {
    /// The address of the API, which answers until the process ends.
    fn serve(self: &Arc<Self>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let api = Arc::clone(self);
        std::thread::spawn(move || listener.incoming().flatten().for_each(|stream| api.answer(stream)));
        url
    }

    fn answer(&self, stream: TcpStream) {
        let mut reader = BufReader::new(stream);
        let mut line = || {
            let mut line = String::new();
            reader.read_line(&mut line).expect("a line");
            line.trim_end().to_string()
        };
        let request = line();
        let (mut length, mut token) = (0, String::new());
        while let Some((name, value)) = line().split_once(": ") {
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.parse().expect("a number"),
                "authorization" => token = value.to_string(),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).expect("a body");
        let mut words = request.split(' ');
        let (method, path) = (words.next().expect("a method"), words.next().expect("a path"));
        self.calls.lock().expect("calls").push(format!("{method} {path}"));
        assert_eq!(token, "Bearer secret");
        let (status, answer) = self.handle(method, path, serde_json::from_slice(&body).unwrap_or_default());
        let answer = answer.to_string();
        let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", answer.len());
        reader.into_inner().write_all(format!("{head}{answer}").as_bytes()).expect("written");
    }

    fn handle(&self, method: &str, path: &str, body: Value) -> (&'static str, Value) {
        let mut comments = self.comments.lock().expect("comments");
        let list = "/repos/o/r/issues/7/comments";
        let one = path.strip_prefix("/repos/o/r/issues/comments/").and_then(|id| id.parse::<usize>().ok());
        match (method, path.split_once('?')) {
            ("GET", None) if path == "/user" => {
                ("403 Forbidden", json!({ "message": "Resource not accessible by integration" }))
            }
            ("GET", Some((at, query))) if at == list => {
                let page: usize = query.rsplit_once("page=").and_then(|(_, page)| page.parse().ok()).expect("a page");
                ("200 OK", comments.chunks(100).nth(page - 1).unwrap_or_default().to_vec().into())
            }
            _ if self.is_read_only => ("403 Forbidden", json!({ "message": "Resource not accessible by integration" })),
            ("POST", None) if path == list => {
                let comment = json!({ "id": comments.len(), "user": { "type": "Bot" }, "body": body["body"] });
                comments.push(comment.clone());
                ("201 Created", comment)
            }
            ("PATCH", None) if one.is_some_and(|one| one < comments.len()) => {
                let comment = &mut comments[one.expect("a number")];
                comment["body"] = body["body"].clone();
                ("200 OK", comment.clone())
            }
            other => panic!("{other:?} {path}"),
        }
    }
}

fn write(folder: &Path, name: &str, text: &str) {
    std::fs::write(folder.join(name), text).expect("written");
}

/// A repository whose work tree adds a query.
fn change() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let table = "CREATE EXTERNAL TABLE lake.t (a bigint) STORED AS PARQUET LOCATION 's3://lake/t/';\n";
    write(folder.path(), "t.sql", table);
    write(
        folder.path(),
        "lakelint.toml",
        "[runs]\n\"**\" = \"1/day\"\n\n[lake]\nsources = [\"s3://lake/=listing.txt\"]\n",
    );
    write(folder.path(), "listing.txt", "2025-06-30 00:00:00 1000000000000 t/part-0.parquet\n");
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "-A"]);
    git(folder.path(), &["commit", "-q", "-m", "base"]);
    write(folder.path(), "new.sql", "SELECT max(a) FROM lake.t;\n");
    write(folder.path(), "event.json", r#"{"pull_request": {"number": 7}}"#);
    folder
}

/// Runs the action in a folder.
fn action(folder: &Path, url: &str, arguments: &str) -> Output {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    Command::new(root.join("action/run"))
        .current_dir(folder)
        .env("INPUT_BASE", "HEAD")
        .env("INPUT_PATHS", ".")
        .env("INPUT_ARGUMENTS", arguments)
        .env("INPUT_COMMAND", env!("CARGO_BIN_EXE_lakelint"))
        .env("GITHUB_API_URL", url)
        .env("GITHUB_REPOSITORY", "o/r")
        .env("GITHUB_EVENT_PATH", folder.join("event.json"))
        .env("GITHUB_STEP_SUMMARY", folder.join("summary.md"))
        .env("GITHUB_TOKEN", "secret")
        .env("NO_PROXY", "127.0.0.1")
        .output()
        .expect("bash runs")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
}

#[test]
fn one_comment_is_made_and_written_anew() {
    let (folder, api) = (change(), Arc::new(Api::default()));
    // Somebody else wrote the mark, and a page of others.
    let others = (0..100).map(|id| json!({ "id": id, "user": { "type": "User" }, "body": "<!-- lakelint diff -->" }));
    api.comments.lock().expect("comments").extend(others);
    let url = api.serve();
    let first = action(folder.path(), &url, "");
    assert_eq!(first.status.code(), Some(0), "{}", said(&first));
    {
        let comments = api.comments.lock().expect("comments");
        assert_eq!(comments.len(), 101);
        let body = comments[100]["body"].as_str().expect("text");
        assert!(body.starts_with("<!-- lakelint diff -->\n### This change adds $"), "{body}");
    }
    write(folder.path(), "new.sql", "SELECT 1;\n");
    // On several lines, as YAML has them.
    let second = action(folder.path(), &url, "--as-of 2025-06-30\n--max-increase-usd-month 1\n");
    assert_eq!(second.status.code(), Some(0), "{}", said(&second));
    let comments = api.comments.lock().expect("comments");
    assert_eq!(comments.len(), 101);
    assert!(
        comments[100]["body"].as_str().expect("text").contains("**holds**: at most $1.00 more a month"),
        "{}",
        comments[100]
    );
    assert!(comments[..100].iter().all(|comment| comment["body"] == "<!-- lakelint diff -->"));
    let calls = api.calls.lock().expect("calls");
    assert_eq!(calls[3], "POST /repos/o/r/issues/7/comments");
    assert_eq!(calls[7], "PATCH /repos/o/r/issues/comments/100");
}

#[test]
fn a_token_that_only_reads_leaves_the_summary_and_the_verdict() {
    let (folder, api) = (change(), Arc::new(Api { is_read_only: true, ..Api::default() }));
    let output = action(folder.path(), &api.serve(), "--max-increase-usd-month 1");
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(
        said(&output).contains("::notice title=lakelint::the token may not comment here (HTTP 403)"),
        "{}",
        said(&output)
    );
    let summary = std::fs::read_to_string(folder.path().join("summary.md")).expect("a summary");
    assert!(summary.contains("**broken**: at most $1.00 more a month"), "{summary}");
    assert!(api.comments.lock().expect("comments").is_empty());
}

#[test]
fn what_is_no_pull_request_or_cannot_be_reached_is_told() {
    let folder = change();
    let unreachable = action(folder.path(), "http://127.0.0.1:9", "");
    assert_eq!(unreachable.status.code(), Some(0), "{}", said(&unreachable));
    assert!(said(&unreachable).contains("the comment cannot be posted"), "{}", said(&unreachable));
    write(folder.path(), "event.json", "{}");
    let push = action(folder.path(), "http://127.0.0.1:9", "");
    assert!(said(&push).contains("this run belongs to no pull request"), "{}", said(&push));
    let failed = action(folder.path(), "http://127.0.0.1:9", "--usd-per-tb x; echo injected");
    assert_eq!(failed.status.code(), Some(2), "{}", said(&failed));
    assert!(!said(&failed).contains("\ninjected"), "{}", said(&failed));
}
