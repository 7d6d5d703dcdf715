"""What dbt-athena compiles of a project: `compile.py PROJECT TARGET [built]`.

AWS is moto. Its Glue catalog has the sources of the project, and with `built` its models too, so that incremental models find
their tables. Every query that macros run gives two rows, 7 and 8.
"""

import json
import logging
import os
import pathlib
import subprocess
import sys
import urllib.request

import boto3
import yaml
from moto.server import ThreadedMotoServer

project, target, is_built = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3:] == ["built"]
REGION = "eu-central-1"
os.environ.update(
    AWS_ACCESS_KEY_ID="test",
    AWS_SECRET_ACCESS_KEY="test",
    AWS_DEFAULT_REGION=REGION,
    DBT_SEND_ANONYMOUS_USAGE_STATS="false",
)
logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
url = f"http://127.0.0.1:{server.get_host_and_port()[1]}"
os.environ["AWS_ENDPOINT_URL"] = url

target.mkdir(parents=True, exist_ok=True)
output = dict(type="athena", region_name=REGION, database="awsdatacatalog", schema="dev", s3_staging_dir="s3://lake/athena/")
name = yaml.safe_load((project / "dbt_project.yml").read_text()).get("profile", "default")
(target / "profiles.yml").write_text(json.dumps({name: dict(target="dev", outputs=dict(dev=output))}))
boto3.client("s3").create_bucket(Bucket="lake", CreateBucketConfiguration=dict(LocationConstraint=REGION))


def dbt(command):
    folders = ["--project-dir", project, "--profiles-dir", target, "--target-path", target, "--log-path", target]
    program = pathlib.Path(sys.executable).parent / "dbt"
    done = subprocess.run([program, command, "--no-use-colors", *folders], capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stdout + done.stderr)


dbt("parse")
manifest = json.loads((target / "manifest.json").read_text())
tables = list(manifest["sources"].values())
if is_built:
    stored = ("model", "seed", "snapshot")
    tables += [node for node in manifest["nodes"].values() if node["resource_type"] in stored]
glue = boto3.client("glue")
columns = [dict(Name="a", Type="string")]
databases = {table["schema"] for table in tables}
for database in databases:
    glue.create_database(DatabaseInput=dict(Name=database))
names = {(table["schema"], table.get("identifier") or table.get("alias") or table["name"]) for table in tables}
for schema, name in sorted(names):
    stored = dict(Columns=columns, Location=f"s3://lake/{schema}/{name}/")
    described = dict(Name=name, TableType="EXTERNAL_TABLE", Parameters={}, StorageDescriptor=stored)
    glue.create_table(DatabaseName=schema, TableInput=described)

column = dict(Name="a", Label="a", Type="integer", Precision=17, Scale=0, CatalogName="", SchemaName="", TableName="")
rows = [dict(Data=[dict(VarCharValue=value)]) for value in ("a", "7", "8")]
result = dict(rows=rows, column_info=[dict(column, Nullable="UNKNOWN", CaseSensitive=True)])
queue = dict(account_id="123456789012", region=REGION, results=[result] * 500)
body = json.dumps(queue).encode()
headers = {"Content-Type": "application/json"}
urllib.request.urlopen(urllib.request.Request(f"{url}/moto-api/static/athena/query-results", body, headers))

dbt("compile")
server.stop()
