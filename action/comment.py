#!/usr/bin/env python3
"""Posts a comment on a pull request, or writes it anew: comment.py FILE

The first line of FILE is a hidden mark by which the comment of an earlier run is found. The environment is that of a job of GitHub
Actions: GITHUB_API_URL, GITHUB_REPOSITORY, GITHUB_EVENT_PATH, GITHUB_STEP_SUMMARY, and GITHUB_TOKEN, whose job needs
`pull-requests: write`. The text goes to the job's summary as well, and only there where the token may not write, as in pull requests from
forks. Only the standard library is used.
"""

import http.client
import json
import os
import sys
import urllib.error
import urllib.request

# A page of comments, and so many pages: a comment that lies further back is written once more.
PAGE, PAGES = 100, 30
# GitHub gives a read-only token to forks, and hides what a token may not see.
NOT_ALLOWED = (401, 403, 404)


def call(method, url, body=None):
    """The answer of the API as JSON."""
    request = urllib.request.Request(url, method=method, data=None if body is None else json.dumps(body).encode())
    request.add_header("Accept", "application/vnd.github+json")
    request.add_header("X-GitHub-Api-Version", "2022-11-28")
    request.add_header("Authorization", "Bearer " + os.environ["GITHUB_TOKEN"])
    if body is not None:
        request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def own_name():
    """Who a personal token belongs to; None for the token of a workflow, which may not ask."""
    try:
        return call("GET", os.environ["GITHUB_API_URL"] + "/user").get("login")
    except urllib.error.HTTPError:
        return None


def earlier(comments, mark):
    """The number of the comment of an earlier run, which begins with the mark."""
    name = own_name()
    for page in range(1, PAGES + 1):
        found = call("GET", f"{comments}?per_page={PAGE}&page={page}")
        for comment in found:
            # Anybody may write the mark; what others wrote stays as it is.
            user = comment.get("user") or {}
            is_own = user.get("login") == name if name else user.get("type") == "Bot"
            if is_own and (comment.get("body") or "").startswith(mark):
                return comment["id"]
        if len(found) < PAGE:
            return None
    return None


def post(text):
    with open(os.environ["GITHUB_EVENT_PATH"]) as file:
        number = json.load(file).get("pull_request", {}).get("number")
    if number is None:
        return "this run belongs to no pull request"
    if not os.environ.get("GITHUB_TOKEN"):
        return "there is no token"
    issues = f"{os.environ['GITHUB_API_URL']}/repos/{os.environ['GITHUB_REPOSITORY']}/issues"
    mark = text.split("\n", 1)[0]
    try:
        found = earlier(f"{issues}/{number}/comments", mark)
        if found is None:
            call("POST", f"{issues}/{number}/comments", {"body": text})
        else:
            call("PATCH", f"{issues}/comments/{found}", {"body": text})
    except urllib.error.HTTPError as error:
        if error.code not in NOT_ALLOWED:
            raise
        return f"the token may not comment here (HTTP {error.code})"
    return None


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        text = file.read()
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if summary:
        with open(summary, "a", encoding="utf-8") as file:
            file.write(text + "\n")
    try:
        reason = post(text)
    except (OSError, http.client.HTTPException, ValueError, KeyError) as error:
        # What was found does not depend on whether it can be posted.
        reason = f"the comment cannot be posted: {error}"
    if reason:
        print(f"::notice title=lakelint::{reason}; the report is in the job's summary")


main()
