# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "boto3>=1.34", "moto>=5"]
# [tool.stackdoc]
# layer = "security"
# title = "Who may read the weights: policies decided one by one (IAM, by an emulator)"
# devices = ["cpu"]
# environment = "cloud"
# budget_seconds = 120
# ///
"""Every decision of a small set of policies, on an emulator of AWS's identity and access management, against the rule
written out.

Four people work with a bucket of weights: one without any policy, one who may read, one who may do everything, and
one who may do everything but is expressly denied to delete. Each tries four actions on two buckets. The rule takes
two lines: what nothing allows is refused, and a denial outweighs every allowance. Written out as a function it says
for all thirty-two attempts what has to happen; the emulator, asked by real signed requests, has to agree in each. The
matrix is shown.

The share of attempts that are refused is what “least privilege” is about: it is reported for each person, as is what
a decision costs beside a request that is not decided upon.

Caveats. moto is an emulator: it decides on actions and resources of attached policies, and leaves out much of the
real evaluation (boundaries, sessions, conditions, policies of organisations). So this shows the rule, and is no test
of anybody's policies. Its times say nothing of the service, which decides on other machines.
"""

# %%
import json
import os
from collections.abc import Callable
from fnmatch import fnmatchcase
from statistics import median
from time import perf_counter
from typing import Any

os.environ.update(AWS_ACCESS_KEY_ID="root", AWS_SECRET_ACCESS_KEY="root", AWS_DEFAULT_REGION="us-east-1")

import boto3  # the variables have to be there first
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.core import set_initial_no_auth_action_count

from stackdoc import example

ex = example()
BUCKETS = ("weights", "samples")
READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::weights/*"}
ALL = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
KEEP = {"Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::weights/*"}
PEOPLE = {"visitor": [], "reader": [READ], "owner": [ALL], "keeper": [ALL, KEEP]}


def attempts(client: Any) -> dict[str, Callable[[str], Any]]:
    """By action, a call that needs it. Deleting what is not there is allowed and harmless."""
    return {
        "s3:GetObject": lambda bucket: client.get_object(Bucket=bucket, Key="model"),
        "s3:PutObject": lambda bucket: client.put_object(Bucket=bucket, Key="new", Body=b"n"),
        "s3:DeleteObject": lambda bucket: client.delete_object(Bucket=bucket, Key="old"),
        "s3:ListBucket": lambda bucket: client.list_objects_v2(Bucket=bucket),
    }


# %% [markdown]
# The rule: nothing allowed is refused; a denial outweighs.


# %%
def allowed(statements: list[dict[str, str]], action: str, bucket: str) -> bool:
    resource = f"arn:aws:s3:::{bucket}" + ("" if action == "s3:ListBucket" else "/model")
    effects = {
        one["Effect"]
        for one in statements
        if fnmatchcase(action, one["Action"]) and fnmatchcase(resource, one["Resource"])
    }
    return effects == {"Allow"}


def person(name: str, statements: list[dict[str, str]]) -> Any:
    """A client with the keys of a new user who has these statements."""
    iam = boto3.client("iam")
    iam.create_user(UserName=name)
    if statements:
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=document)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return boto3.client("s3", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])


def tried(call: Callable[[str], Any], bucket: str) -> bool:
    try:
        call(bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] != "AccessDenied":
            raise
        return False
    return True


# %%
def seconds(call: Callable[[], Any], count: int = 40) -> float:
    taken = []
    for _ in range(count):
        began = perf_counter()
        call()
        taken.append(perf_counter() - began)
    return median(taken)


with mock_aws():
    undecided = boto3.client("s3")
    for bucket in BUCKETS:
        undecided.create_bucket(Bucket=bucket)
        undecided.put_object(Bucket=bucket, Key="model", Body=b"w")
    clients = {name: person(name, statements) for name, statements in PEOPLE.items()}
    free = seconds(lambda: undecided.get_object(Bucket="weights", Key="model"))

    @set_initial_no_auth_action_count(0)
    def decide() -> dict[tuple[str, str, str], bool]:
        return {
            (name, action, bucket): tried(call, bucket)
            for name, client in clients.items()
            for action, call in attempts(client).items()
            for bucket in BUCKETS
        }

    @set_initial_no_auth_action_count(0)
    def decided() -> float:
        return seconds(lambda: clients["reader"].get_object(Bucket="weights", Key="model"))

    matrix = decide()
    cost = decided()

# %% [markdown]
# The decisions, and how many attempts each person is refused.

# %%
wrong = [key for key, went in matrix.items() if went != allowed(PEOPLE[key[0]], *key[1:])]
if wrong:
    raise ValueError(f"{len(wrong)} decisions of {len(matrix)} are not by the rule: {wrong[0]}")
for name in PEOPLE:
    mine = {key: went for key, went in matrix.items() if key[0] == name}
    lines = [
        f"{name:8} {action:16} {bucket:8} {'allowed' if went else 'refused'}"
        for (_, action, bucket), went in mine.items()
    ]
    ex.show("\n".join(lines))
    ex.report(
        "refused",
        1 - sum(mine.values()) / len(mine),
        unit="%",
        better="higher",
        label=f"refused to the {name}",
        who=name,
    )
ex.report("decisions", len(matrix), unit="decisions", better="higher", label="decisions, all by the rule")
ex.report("request", free, unit="s", label="a request that is not decided upon")
ex.report("request-decided", cost, unit="s", label="a request that is decided upon")
