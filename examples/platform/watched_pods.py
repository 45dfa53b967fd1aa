# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "kubernetes>=34", "kmock>=0.8"]
# [tool.stackdoc]
# layer = "platform"
# title = "Asked again or told: list, watch and writers that collide (Kubernetes' interface, by an emulator)"
# devices = ["cpu"]
# environment = "cloud"
# budget_seconds = 120
# launches = 3
# ///
"""How a program learns what changed in a cluster, and how several change one object, on an emulator of Kubernetes.

The client is the official one; kmock answers, an emulator of the interface, in a process of its own. Nothing is
scheduled and no container runs. A list brings every pod; a watch stays open and brings one event for each change:

    bytes of a list = pods · bytes of a pod        bytes of an event = bytes of a pod

What a list costs the client in seconds of its processor is measured twice, read as JSON and as the client's objects.
A copy that is kept up to date by events alone (patched, created, deleted) must equal a fresh list in the end.

Then writers add one to a number, each in turns that overlap: all read, then all write. Of writes that don't name a
version the last one wins. Those that name the version that was read are refused with status 409 when it is not the
newest, and are tried again:

    writes without a version = writers        with one = writers · (writers + 1) / 2

Caveats. **The server's times are not Kubernetes'.** The bytes and the client's seconds carry over. kmock keeps no
versions: the rule, a dozen lines below, is ours after the interface's contract. Turns that always overlap are the
worst case. A watch of the service also ends, with status 410, and must then list again; here it doesn't.
"""

# %%
import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

from kubernetes import client, watch
from kubernetes.client.exceptions import ApiException

from stackdoc import example

ex = example()
SERVER = """
import asyncio
import json
import sys

import kmock
from kmock import KubernetesError

VERBS = {"get", "list", "watch", "create", "patch", "delete"}


class Versioned(kmock.KubernetesEmulator):
    version = 0

    async def _handle(self, request):
        if request.resource is not None and isinstance(request.data, dict):
            meta = request.data.setdefault("metadata", {})
            key = (request.resource, request.namespace, request.name)
            asked = meta.get("resourceVersion")
            if asked and request.name and asked != self.objects[key]["metadata"]["resourceVersion"]:
                conflict = KubernetesError(status=409, reason="Conflict", message="the object has been modified")
                return await self._render_error(conflict)
            self.version += 1
            meta["resourceVersion"] = str(self.version)
        return await super()._handle(request)


async def main(port, pods):
    emulator = Versioned()
    for plural, kind in (("pods", "Pod"), ("configmaps", "ConfigMap")):
        emulator.resources["v1/" + plural] = kmock.ResourceInfo(kind=kind, namespaced=True, verbs=VERBS)
    for pod in pods:
        emulator.objects["v1/pods", pod["metadata"]["namespace"], pod["metadata"]["name"]] = pod
    async with kmock.Server(emulator, port=port):
        await asyncio.Event().wait()


asyncio.run(main(int(sys.argv[1]), json.load(open(sys.argv[2]))))
"""


# %% [markdown]
# Pods as a model server has them, in a namespace for each number of them, and the emulator that keeps them.


# %%
def pod(namespace: str, number: int) -> dict[str, Any]:
    labels = {"app": "server", "pod-template-hash": "5d9c7b8f6d", "shard": str(number)}
    variables = [{"name": f"SETTING_{at}", "value": "x" * 40} for at in range(8)]
    asked = {"cpu": "2", "memory": "8Gi", "nvidia.com/gpu": "1"}
    container = {
        "name": "server",
        "image": "registry.example/server:1",
        "env": variables,
        "ports": [{"containerPort": 8000, "protocol": "TCP"}],
        "resources": {"limits": asked, "requests": asked},
        "volumeMounts": [{"mountPath": "/models", "name": "models", "readOnly": True}],
    }
    states = ("Initialized", "Ready", "ContainersReady", "PodScheduled")
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": f"server-{number}", "namespace": namespace, "labels": labels, "resourceVersion": "1"},
        "spec": {"containers": [container], "nodeName": f"node-{number % 8}", "restartPolicy": "Always"},
        "status": {"phase": "Running", "conditions": [{"type": state, "status": "True"} for state in states]},
    }


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


sizes = [10, 100, 500]
pods = [pod(f"of-{size}", number) for size in sizes for number in range(size)]
place = Path(tempfile.mkdtemp(dir=Path.cwd()))
(place / "emulator.py").write_text(SERVER, encoding="utf-8")
(place / "pods.json").write_text(json.dumps(pods), encoding="utf-8")
port = free_port()
emulator = subprocess.Popen(
    [sys.executable, str(place / "emulator.py"), str(port), str(place / "pods.json")],
    stdout=subprocess.DEVNULL,
    stderr=subprocess.DEVNULL,
)
settings = client.Configuration()
settings.host = f"http://127.0.0.1:{port}"
cluster = client.CoreV1Api(client.ApiClient(settings))


def until_it_answers() -> None:
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port)):
                return
        except ConnectionRefusedError:
            if emulator.poll() is not None:
                raise
            time.sleep(0.05)


def listed(namespace: str) -> bytes:
    return bytes(cluster.list_namespaced_pod(namespace, _preload_content=False).data)


def processor_seconds(call: Callable[[], Any], count: int) -> float:
    """Of this process, so that waiting for the emulator is not in it."""
    taken = []
    for _ in range(count):
        began = time.process_time()
        call()
        taken.append(time.process_time() - began)
    return median(taken)


# %% [markdown]
# A watch, and a copy that it keeps.


# %%
def started(namespace: str) -> tuple[watch.Watch, Iterator[dict[str, Any]], dict[str, Any]]:
    """A watch past its beginning, and the copy so far. kmock can lose the first change after the pods that were there:
    one pod is changed until a change is seen."""
    stream = watch.Watch()
    events = iter(stream.stream(cluster.list_namespaced_pod, namespace))
    copy: dict[str, Any] = {}
    for _ in range(len(json.loads(listed(namespace))["items"])):
        kept(copy, next(events))
    time.sleep(0.1)
    for number in range(2):
        labelled(namespace, f"start-{number}")
    while kept(copy, next(events))["metadata"]["labels"].get("state") != "start-1":
        pass
    return stream, events, copy


def labelled(namespace: str, state: str, name: str = "server-0") -> None:
    cluster.patch_namespaced_pod(name, namespace, {"metadata": {"labels": {"state": state}}}, _preload_content=False)


def kept(copy: dict[str, Any], event: dict[str, Any]) -> dict[str, Any]:
    """The object of the event, after the copy has followed it."""
    one: dict[str, Any] = event["raw_object"]
    if event["type"] == "DELETED":
        copy.pop(one["metadata"]["name"])
    else:
        copy[one["metadata"]["name"]] = one
    return one


# %%
try:
    until_it_answers()
    for size in ex.sweep("pods", sizes, quick=[10, 500]):
        namespace = f"of-{size}"
        whole = listed(namespace)
        if len(json.loads(whole)["items"]) != size or len(cluster.list_namespaced_pod(namespace).items) != size:
            raise ValueError(f"not {size} pods in {namespace}")
        rounds = 20 if size < 500 else 3
        plain = processor_seconds(lambda namespace=namespace: json.loads(listed(namespace)), rounds)
        typed = processor_seconds(lambda namespace=namespace: cluster.list_namespaced_pod(namespace), rounds)
        ex.report("list", plain, unit="s", label="the client's processor: a list as JSON", form="json", pods=size)
        ex.report("list", typed, unit="s", label="the client's processor: a list as objects", form="objects", pods=size)
        ex.report("objects-over-json", typed / plain, unit="×", label="objects over JSON", pods=size)
        ex.report("bytes", len(whole), unit="B", label="a list", way="list", pods=size)

        stream, events, copy = started(namespace)
        taken = []
        for number in range(20):
            began = time.process_time()
            labelled(namespace, f"change-{number}")
            event = next(events)
            taken.append(time.process_time() - began)
            if kept(copy, event)["metadata"]["labels"]["state"] != f"change-{number}":
                raise ValueError(f"an event of another change than {number}")
        told = len(json.dumps({"type": event["type"], "object": event["raw_object"]}))
        label = "the client's processor: one change, written and seen"
        ex.report("event", median(taken), unit="s", label=label, pods=size)
        ex.report("bytes", told, unit="B", label="an event", way="watch", pods=size)
        ex.report("list-over-event", len(whole) / told, unit="×", label="bytes of a list over an event's", pods=size)
        cluster.create_namespaced_pod(namespace, pod(namespace, size), _preload_content=False)
        cluster.delete_namespaced_pod("server-1", namespace, _preload_content=False)
        for _ in range(2):
            kept(copy, next(events))
        stream.stop()
        if copy != {one["metadata"]["name"]: one for one in json.loads(listed(namespace))["items"]}:
            raise ValueError(f"the copy of {size} pods is not what a fresh list says")

    # %% [markdown]
    # Writers that collide.

    # %%
    def added(writers: int, versioned: bool) -> tuple[int, int]:
        """What the number is after each has added one, and how many writes were sent."""
        name = f"counter-{writers}-{versioned}".lower()
        body = {"metadata": {"name": name, "namespace": "work"}, "data": {"n": "0"}}
        cluster.create_namespaced_config_map("work", body)
        waiting, sent = writers, 0
        while waiting:
            seen = [cluster.read_namespaced_config_map(name, "work") for _ in range(waiting)]
            waiting = 0
            for one in seen:
                change: dict[str, Any] = {"data": {"n": str(int(one.data["n"]) + 1)}}
                if versioned:
                    change["metadata"] = {"resourceVersion": one.metadata.resource_version}
                sent += 1
                try:
                    cluster.patch_namespaced_config_map(name, "work", change)
                except ApiException as error:
                    if error.status != 409:
                        raise
                    waiting += 1
        return int(cluster.read_namespaced_config_map(name, "work").data["n"]), sent

    for writers in ex.sweep("writers", [2, 4, 8], quick=[2, 8]):
        for versioned in (False, True):
            left, sent = added(writers, versioned)
            expected = (writers, writers * (writers + 1) // 2) if versioned else (1, writers)
            if (left, sent) != expected:
                raise ValueError(f"{left} after {sent} writes of {writers}, versioned: {versioned}")
            label = "with the version that was read" if versioned else "without a version"
            share = left / writers
            ex.report(
                "left", share, unit="%", better="higher", label=f"left, {label}", versioned=versioned, writers=writers
            )
            ex.report("writes", sent, unit="writes", label=f"writes, {label}", versioned=versioned, writers=writers)
finally:
    emulator.terminate()
    emulator.wait()
