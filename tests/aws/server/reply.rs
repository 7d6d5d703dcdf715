//! Answers: status, headers and a body that may be cut off.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

/// An answer.
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Bytes,
    /// Of an answer to HEAD: the length that is told, without a body.
    pub head: Option<u64>,
    /// Half of the body is sent, then the connection breaks.
    pub cut: bool,
}

impl Reply {
    pub fn new(status: u16, kind: &str, body: impl Into<Bytes>) -> Reply {
        let headers = vec![("content-type", kind.to_owned()), ("x-amz-request-id", "0123456789ABCDEF".to_owned())];
        Reply { status, headers, body: body.into(), head: None, cut: false }
    }

    pub fn xml(body: String) -> Reply {
        Reply::new(200, "application/xml", body)
    }

    /// An error of S3.
    pub fn error(status: u16, code: &str, message: &str) -> Reply {
        let ids = "<RequestId>0123456789ABCDEF</RequestId><HostId>host</HostId>";
        let body = format!("<Error><Code>{code}</Code><Message>{message}</Message>{ids}</Error>");
        Reply { status, ..Reply::xml(format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{body}")) }
    }

    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Reply {
        self.headers.push((name, value.into()));
        self
    }

    /// Bytes of the body that leave the server.
    pub fn sent(&self) -> u64 {
        let whole = self.body.len() as u64;
        if self.head.is_some() {
            0
        } else if self.cut {
            whole / 2
        } else {
            whole
        }
    }

    pub fn into_response(self) -> hyper::Response<Cut> {
        let mut response = hyper::Response::builder().status(self.status);
        for (name, value) in &self.headers {
            response = response.header(*name, value);
        }
        let length = self.head.unwrap_or(self.body.len() as u64);
        let sent = self.sent() as usize;
        let data = Some(self.body.slice(..sent)).filter(|data| !data.is_empty());
        let body = Cut { data, length: if self.head.is_some() { 0 } else { length }, broken: self.cut };
        response.header("content-length", length).body(body).expect("valid headers")
    }
}

/// A body that ends where it should, or breaks off before that.
pub struct Cut {
    data: Option<Bytes>,
    length: u64,
    broken: bool,
}

impl Body for Cut {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if let Some(data) = self.data.take() {
            return Poll::Ready(Some(Ok(Frame::data(data))));
        }
        if std::mem::take(&mut self.broken) {
            // The data is handed to the socket first.
            self.length = u64::MAX;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let cut = self.length == u64::MAX;
        Poll::Ready(cut.then(|| Err(std::io::ErrorKind::ConnectionReset.into())))
    }

    fn is_end_stream(&self) -> bool {
        self.data.is_none() && !self.broken && self.length != u64::MAX
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
}
