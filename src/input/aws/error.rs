//! What AWS answers when it does not answer: in short, and with what to do.

use std::error::Error;

use anyhow::anyhow;
use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

use super::requests::TooMany;

/// Why a call failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub reason: Reason,
    /// For people, without account ids.
    pub detail: String,
}

/// Kinds of failures that are treated differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reason {
    /// Too fast for the service.
    Throttled,
    /// The service or the way to it failed; another attempt may not.
    Transient,
    /// Nobody listens at the endpoint, or there is no such host.
    Unreachable,
    /// The answer was cut or makes no sense.
    Garbled,
    Denied,
    Expired,
    BadCredentials,
    NoCredentials,
    NoSuchBucket,
    NotFound,
    /// The region in which the bucket is, when the answer tells.
    WrongRegion(Option<String>),
    Archived,
    TooMany(TooMany),
    Other,
}

/// What was asked for, for messages.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// ``"`s3://b/p/` cannot be listed"``.
    pub what: &'a str,
    /// `s3:ListBucket`.
    pub action: &'a str,
    /// `arn:aws:s3:::b`; empty where the action has no resource.
    pub resource: &'a str,
}

const THROTTLED: [&str; 9] = [
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottled",
    "RequestThrottledException",
    "RequestLimitExceeded",
    "TooManyRequestsException",
    "BandwidthLimitExceeded",
];
const TRANSIENT: [&str; 6] = [
    "InternalError",
    "ServiceUnavailable",
    "RequestTimeout",
    "InternalServerException",
    "InternalServiceException",
    "503",
];
const DENIED: [&str; 5] =
    ["AccessDenied", "AccessDeniedException", "AllAccessDisabled", "Forbidden", "UnauthorizedOperation"];
const EXPIRED: [&str; 5] =
    ["ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired", "ExpiredCredentials"];
const BAD_CREDENTIALS: [&str; 6] = [
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "InvalidToken",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "InvalidSignatureException",
];

impl Failure {
    pub(crate) fn new(reason: Reason, detail: impl Into<String>) -> Failure {
        Failure { reason, detail: detail.into() }
    }

    pub(crate) fn garbled(detail: impl Into<String>) -> Failure {
        Failure::new(Reason::Garbled, detail)
    }

    /// Reads an error of any service.
    pub(crate) fn of<E: ProvideErrorMetadata + Error + 'static>(error: &SdkError<E, HttpResponse>) -> Failure {
        if let Some(limit) = causes(error).find_map(|cause| cause.downcast_ref::<TooMany>()) {
            return Failure::new(Reason::TooMany(*limit), limit.to_string());
        }
        match error {
            SdkError::TimeoutError(_) => Failure::new(Reason::Transient, "no answer in time"),
            SdkError::ResponseError(_) => Failure::garbled(last_cause(error)),
            SdkError::ServiceError(service) => {
                let (error, raw) = (service.err(), service.raw());
                let region = raw.headers().get("x-amz-bucket-region");
                of_answer(raw.status().as_u16(), error.code(), error.message(), region)
            }
            SdkError::DispatchFailure(dispatch) if dispatch.is_io() || dispatch.is_timeout() => {
                of_connecting(&last_cause(error))
            }
            other => of_sending(&last_cause(other), other),
        }
    }

    /// Whether another attempt may succeed.
    pub(crate) fn is_transient(&self) -> bool {
        matches!(self.reason, Reason::Throttled | Reason::Transient | Reason::Unreachable | Reason::Garbled)
    }

    /// A message that says what to do.
    pub(crate) fn explain(&self, asked: &Asked<'_>) -> anyhow::Error {
        let Asked { what, action, resource } = asked;
        let detail = &self.detail;
        match &self.reason {
            Reason::TooMany(limit) => anyhow!("{limit}: {what}; allow more, or scan a smaller prefix"),
            Reason::Denied => anyhow!("{what}: {}", denied(action, resource)),
            Reason::Expired => anyhow!(
                "{what}: the credentials have expired: get new ones (`aws sso login`) and run the same command again"
            ),
            Reason::BadCredentials => {
                anyhow!("{what}: AWS does not accept the credentials ({detail}): check the profile and its keys")
            }
            Reason::NoCredentials => anyhow!(
                "{what}: no credentials were found: name a profile (`--profile`), or set `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`"
            ),
            Reason::NoSuchBucket => {
                anyhow!("{what}: there is no such bucket: check its name, and with `--endpoint-url` the server")
            }
            Reason::NotFound => anyhow!("{what}: it does not exist"),
            Reason::Archived => anyhow!("{what}: it is archived and cannot be read without a restore"),
            Reason::WrongRegion(Some(region)) => anyhow!("{what}: it is in another region: use `--region {region}`"),
            Reason::WrongRegion(None) => anyhow!("{what}: it is in another region: name that with `--region`"),
            Reason::Throttled => anyhow!(
                "{what}: AWS asks to slow down ({detail}): lower `--concurrency`, and run the same command again"
            ),
            Reason::Transient | Reason::Unreachable => {
                anyhow!("{what}: {detail}: check the network and the endpoint, and run the same command again")
            }
            Reason::Garbled => anyhow!("{what}: the answer cannot be read ({detail})"),
            Reason::Other => anyhow!("{what}: {detail}"),
        }
    }

    /// In few words, for a [`Gap`](crate::lake::Gap).
    pub(crate) fn short(&self) -> String {
        match self.reason {
            Reason::Denied => "access denied".to_string(),
            _ => self.detail.clone(),
        }
    }
}

/// What to allow so that a call is not denied.
fn denied(action: &str, resource: &str) -> String {
    match resource {
        "" => format!("access denied: allow `{action}`"),
        resource => format!("access denied: allow `{action}` on `{resource}`"),
    }
}

fn of_answer(status: u16, code: Option<&str>, message: Option<&str>, region: Option<&str>) -> Failure {
    let code = code.unwrap_or_default();
    let message = without_accounts(message.unwrap_or_default());
    let detail = match (code, message.as_str()) {
        ("", "") => format!("status {status}"),
        ("", message) => format!("{message}, status {status}"),
        (code, "") => format!("{code}, status {status}"),
        (code, message) => format!("{code}: {message}"),
    };
    let reason = match status {
        _ if THROTTLED.contains(&code) => Reason::Throttled,
        429 | 503 => Reason::Throttled,
        _ if TRANSIENT.contains(&code) => Reason::Transient,
        _ if EXPIRED.contains(&code) => Reason::Expired,
        _ if BAD_CREDENTIALS.contains(&code) => Reason::BadCredentials,
        _ if DENIED.contains(&code) => Reason::Denied,
        _ if code == "NoSuchBucket" => Reason::NoSuchBucket,
        _ if code == "InvalidObjectState" => Reason::Archived,
        _ if is_redirect(status, code) => Reason::WrongRegion(region.map(str::to_string)),
        403 if code.is_empty() => Reason::Denied,
        404 => Reason::NotFound,
        500.. => Reason::Transient,
        200 => Reason::Garbled,
        _ => Reason::Other,
    };
    Failure { reason, detail }
}

fn is_redirect(status: u16, code: &str) -> bool {
    const CODES: [&str; 4] = [
        "PermanentRedirect",
        "TemporaryRedirect",
        "AuthorizationHeaderMalformed",
        "IllegalLocationConstraintException",
    ];
    CODES.contains(&code) || matches!(status, 301 | 307)
}

/// Whether a connection was not made because nobody listens there.
pub(super) fn is_unreachable(error: &(dyn Error + 'static)) -> bool {
    of_connecting(&last_cause(error)).reason == Reason::Unreachable
}

/// A connection that was not made, or broke.
fn of_connecting(text: &str) -> Failure {
    let lower = text.to_lowercase();
    let is_nobody = ["refused", "lookup", "dns", "not known"].iter().any(|word| lower.contains(word));
    let reason = if is_nobody { Reason::Unreachable } else { Reason::Transient };
    Failure::new(reason, format!("no connection: {text}"))
}

/// A request that was not sent.
fn of_sending(text: &str, error: &(dyn Error + 'static)) -> Failure {
    let has = |needle: &str| causes(error).any(|cause| cause.to_string().to_lowercase().contains(needle));
    let reason = match () {
        () if has("credential") || has("identity") => Reason::NoCredentials,
        () if has("missing region") => {
            return Failure::new(Reason::Other, "no region is known: use `--region`, or set `AWS_REGION`");
        }
        () if has("incomplete") || has("reset") || has("closed") || has("broken pipe") => Reason::Transient,
        () => Reason::Other,
    };
    Failure::new(reason, without_accounts(text))
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| (*error).source())
}

fn last_cause(error: &(dyn Error + 'static)) -> String {
    causes(error).last().map(|cause| cause.to_string()).unwrap_or_default()
}

/// Messages of AWS name accounts and access keys: twelve digits that stand alone become `***`, and so do the ids of keys
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids>).
pub(crate) fn without_accounts(text: &str) -> String {
    let is_key = |word: &str| word.len() >= 16 && ["AKIA", "ASIA"].iter().any(|start| word.starts_with(start));
    let keys = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| is_key(word));
    let text = &keys.fold(text.to_string(), |text, key| text.replace(key, "***"));
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, digits) = rest.split_at(start);
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        let (digits, after) = digits.split_at(end);
        out.push_str(before);
        out.push_str(if digits.len() == 12 { "***" } else { digits });
        rest = after;
    }
    out.push_str(rest);
    out.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(status: u16, code: &str) -> Reason {
        of_answer(status, Some(code).filter(|code| !code.is_empty()), None, Some("eu-west-1")).reason
    }

    #[test]
    fn answers_are_told_apart() {
        assert_eq!(reason(503, "SlowDown"), Reason::Throttled);
        assert_eq!(reason(400, "ThrottlingException"), Reason::Throttled);
        assert_eq!(reason(500, "InternalError"), Reason::Transient);
        assert_eq!(reason(502, ""), Reason::Transient);
        assert_eq!(reason(403, "AccessDenied"), Reason::Denied);
        assert_eq!(reason(403, ""), Reason::Denied);
        assert_eq!(reason(400, "ExpiredToken"), Reason::Expired);
        assert_eq!(reason(403, "SignatureDoesNotMatch"), Reason::BadCredentials);
        assert_eq!(reason(404, "NoSuchBucket"), Reason::NoSuchBucket);
        assert_eq!(reason(404, "NoSuchKey"), Reason::NotFound);
        assert_eq!(reason(301, "PermanentRedirect"), Reason::WrongRegion(Some("eu-west-1".to_string())));
        assert_eq!(reason(400, "InvalidArgument"), Reason::Other);
        assert_eq!(of_connecting("Connection refused (os error 111)").reason, Reason::Unreachable);
        assert_eq!(of_connecting("Connection reset by peer").reason, Reason::Transient);
    }

    #[test]
    fn a_denied_call_names_action_and_resource() {
        let asked = Asked { what: "`s3://b/p/` cannot be listed", action: "s3:ListBucket", resource: "arn:aws:s3:::b" };
        let message = of_answer(403, Some("AccessDenied"), Some("User: arn:aws:iam::123456789012:user/x"), None);
        assert_eq!(
            message.explain(&asked).to_string(),
            "`s3://b/p/` cannot be listed: access denied: allow `s3:ListBucket` on `arn:aws:s3:::b`"
        );
    }

    #[test]
    fn accounts_are_left_out() {
        let text = "arn:aws:iam::123456789012:user/1234567890123 \u{1b}[1m";
        assert_eq!(without_accounts(text), "arn:aws:iam::***:user/1234567890123  [1m");
        assert_eq!(without_accounts("the key ASIAIOSFODNN7EXAMPLE, not AKIA"), "the key ***, not AKIA");
    }
}
