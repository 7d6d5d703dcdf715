//! What tests need of the machine.

/// What a test needs, or `None` where it cannot be had and the test is to be skipped, which `what` names. Panics where
/// `LAKELINT_REQUIRE_PYTHON` forbids that.
pub fn or_skip<T>(what: &str, needed: Result<T, String>) -> Option<T> {
    needed
        .inspect_err(|reason| {
            assert!(std::env::var_os("LAKELINT_REQUIRE_PYTHON").is_none(), "required: {what}: {reason}");
            eprintln!("skipped: {what}: {reason}");
        })
        .ok()
}
