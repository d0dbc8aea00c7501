"""`guichuang`: the operator's commands."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Sequence
from datetime import date, datetime
from importlib.metadata import version
from uuid import UUID

from deploy.backup import commands as keeping
from deploy.private_files import restrict_new_files, tighten
from services.contracts.roles import ROLES
from services.input.dates import parse_day, parse_moment
from services.kernel.clock import start_of_day
from services.kernel.errors import DomainError, Unavailable
from services.kernel.settings import SERVICES, Settings, Unfit, unknown
from services.policy.bureaus import BUREAUS, PROVINCE

#: Commands that make existing files private; the other commands only read.
_WRITING = ("run", "serve", "migrate", "keys", "backup", "restore")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command. The exit status is 0 on success, 2 for an invalid argument."""
    restrict_new_files()
    options = parser().parse_args(arguments)
    if options.command not in ("run", "serve"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # end without an error in `… | head`
    try:
        status = _dispatch(options, Settings.from_environment())
    except Unfit as error:
        print(error, file=sys.stderr)
        status = 2
    except DomainError as error:
        cause = f" ({str(error.__cause__).splitlines()[0]})" if error.__cause__ else ""
        print(f"{error.text.zh}\n{error.text.en}{cause}", file=sys.stderr)
        if isinstance(error, Unavailable):
            print("`guichuang doctor` says what is away.", file=sys.stderr)
        status = 1
    sys.exit(status)


def parser() -> argparse.ArgumentParser:
    """The parser of all commands with their arguments."""
    parser = argparse.ArgumentParser(prog="guichuang", description="Guichuang 桂创: the operator's commands.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="the whole platform in one process")
    serve = commands.add_parser("serve", help="one service (cluster shape)")
    serve.add_argument("service", choices=(*SERVICES, "gateway", "identity", "console"))
    migrate = commands.add_parser("migrate", help="bring the databases, and the broker's queues, up to this version")
    migrate.add_argument("service", nargs="*", type=_service, help="only the databases of these services")
    migrate.add_argument("--wait", action="store_true", help="change nothing: wait until it has been done (10 minutes at most)")
    broker = commands.add_parser("broker", help="what stands on the broker").add_subparsers(dest="what", required=True)
    declared = broker.add_parser("declare", help="declare every exchange, queue and binding")
    declared.add_argument("service", nargs="*", type=_service, help="only what these have, for the bureaus of this deployment")
    written = broker.add_parser("definitions", help="print them as JSON, as rabbitmqctl import_definitions takes it")
    written.add_argument("--accounts", action="store_true", help="with every account, without passwords: for a new broker")
    crossing = broker.add_parser("federation", help="print what one side's broker needs where a city has its own")
    crossing.add_argument("side", choices=("province", "city"), help="whose broker it is for")
    crossing.add_argument("code", type=_bureau, help="the city's bureau code")
    move = commands.add_parser("move", help="take a bureau's cases from one database of the review service to another")
    move.add_argument("bureau", type=_bureau, help="its code")
    move.add_argument("--from", dest="source", help="URL, or file of settings, of where it is; by default these settings'")
    move.add_argument("--to", dest="target", required=True, help="URL, or file of settings, of where it is to be")
    doctor = commands.add_parser("doctor", help="what is wrong and what to do")
    doctor.add_argument("--env", action="store_true", help="list the settings instead")
    doctor.add_argument("--json", action="store_true", help="for machines")
    _accounts(commands.add_parser("accounts", help="list or create accounts"))
    sweep = commands.add_parser("sweep", help="do what is due by a date")
    sweep.add_argument("--as-of", type=_day, required=True, metavar="DATE", help="YYYY-MM-DD")
    _events(commands.add_parser("events", help="parked events, and publishing again"))
    keeping.add_to(commands)
    keys = commands.add_parser("keys", help="change keys without a gap: prepare, switch, retire")
    _keys(keys.add_subparsers(dest="what", required=True))
    holidays = commands.add_parser("holidays", help="the public holidays that working days are counted by")
    which = holidays.add_subparsers(dest="what", required=True)
    which.add_parser("list", help="this year's and the next ones', and up to when they are announced")
    written = which.add_parser("check", help="check a notice and print it as GUICHUANG_HOLIDAYS wants it")
    written.add_argument("notice", help='such as "2027: 01-01..01-03 02-05..02-11 … work 02-14 …"')
    commands.add_parser("version", help="which version this is, and of which revision of the code")
    audit = commands.add_parser("audit", help="the audit log").add_subparsers(dest="what", required=True)
    audit.add_parser("verify", help="check every chain against its anchors")
    return parser


def _service(name: str) -> str:
    """Check a service's name. With `choices` instead, argparse would refuse an empty list of services."""
    if name not in (services := (*SERVICES, "gateway")):
        raise argparse.ArgumentTypeError(f"{name} is none of {', '.join(services)}")
    return name


def _bureau(code: str) -> str:
    """Check the code of a city's bureau. The province's own cases cannot move."""
    if code not in BUREAUS or code == PROVINCE:
        cities = ", ".join(sorted(set(BUREAUS) - {PROVINCE})[:3])
        raise argparse.ArgumentTypeError(f"{code} is the code of no city's bureau; such are {cities} …")
    return code


def _event(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text} is no event's id; `guichuang events dead-letters list` has those of parked ones"
        ) from None


def _day(text: str) -> date:
    try:
        return parse_day(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no day; write it as 2026-11-25") from None


def _instant(text: str) -> datetime:
    """Parse a day or a time. A day begins at midnight in Guangxi. A time must have a zone, because it is compared with times that
    have one."""
    try:
        return start_of_day(parse_day(text)) if len(text) == 10 else parse_moment(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no time; write it as 2026-11-25 or 2026-11-25T08:00:00+08:00") from None


def _accounts(parser: argparse.ArgumentParser) -> None:
    what = parser.add_subparsers(dest="what", required=True)
    what.add_parser("list", help="all accounts")
    create = what.add_parser("create", help="a new account; its password is read from standard input")
    create.add_argument("username")
    create.add_argument("--role", action="append", required=True, dest="roles", choices=ROLES)
    create.add_argument("--bureau")
    create.add_argument("--organisation", help="unified social credit code")
    create.add_argument("--name", default="")


def _keys(what: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    steps = {
        "make": "generate the keys that are missing",
        "list": "the keys whose secret half is here, and how far each change is",
        "prepare": "make the next key and let everybody know it",
        "switch": "use it; the one before still counts",
        "retire": "let the one before count no more",
    }
    for step, about in steps.items():
        parser = what.add_parser(step, help=about)
        parser.set_defaults(name=None, now=False)
        if step != "make":
            parser.add_argument("name", nargs="?", help="such as gateway, review.450200 or gateway.vault; all when none is named")
        if step in ("switch", "retire"):
            parser.add_argument("--now", action="store_true", help="without waiting for what may need the one before")


def _events(parser: argparse.ArgumentParser) -> None:
    what = parser.add_subparsers(dest="what", required=True)
    letters = what.add_parser("dead-letters", help="events parked after all their tries")
    which = letters.add_subparsers(dest="letters", required=True)
    which.add_parser("list")
    which.add_parser("show").add_argument("event", type=_event)
    which.add_parser("replay").add_argument("event", nargs="*", type=_event, help="all parked ones when none is named")
    replay = what.add_parser("replay", help="publish again what occurred since a time")
    replay.add_argument("--since", type=_instant, required=True, help="YYYY-MM-DD or an RFC 3339 time")
    replay.add_argument("--recovered", action="store_true", help="these databases were recovered to an earlier instant")


def _dispatch(options: argparse.Namespace, settings: Settings) -> int:
    # Each command imports only the modules that it needs: `doctor` must work when another part does not.
    if options.command in ("run", "serve"):
        for name, meant in unknown().items():
            print(f"{name} is no setting{f'; is {meant} meant?' if meant else ''}", file=sys.stderr)
    if options.command in _WRITING and (changed := tighten(settings)):
        print(f"{len(changed)} files and folders were readable by others and now are not, such as {changed[0]}", file=sys.stderr)
    if options.command == "run":
        from deploy.embedded.run import run

        return run(settings)
    if options.command == "serve":
        from deploy.cluster.serve import serve

        return serve(options.service, settings)
    if options.command == "migrate":
        return _wait(options.service, settings) if options.wait else _migrate(options.service, settings)
    if options.command == "version":
        print(f"guichuang {version('guichuang')}{f' ({settings.revision})' if settings.revision else ''}")
        return 0
    if options.command == "broker":
        return _broker(options, settings)
    if options.command == "move":
        from deploy.cli.move import move

        return move(settings, options.bureau, options.source, options.target)
    if options.command == "doctor":
        from deploy import doctor

        if options.env:
            doctor.environment(settings)
            return 0
        return min(doctor.report(settings, as_json=options.json), 1)
    if options.command == "keys":
        from deploy.keys import rotation

        return rotation.run(options.what, options.name, settings, now=options.now)
    if options.command == "holidays":
        from deploy.cli import holidays

        return holidays.show(settings) if options.what == "list" else holidays.check(options.notice)
    if options.command == "audit":
        from deploy.cli.verify import verify

        return min(verify(settings), 1)
    if options.command in ("backup", "restore"):
        return keeping.run(options, settings)
    if options.command == "events":
        return _run_events(options, settings)
    from deploy.cli import accounts

    if options.command == "sweep":
        print(json.dumps(accounts.sweep(settings, options.as_of), ensure_ascii=False, indent=2))
        return 0
    return accounts.run(options, settings)


def _migrate(services: Sequence[str], settings: Settings) -> int:
    """Migrate everything, or with `services` only their databases: for a deployment that has no others and may not declare queues
    on the broker."""
    from deploy.composition import PARTIES, make_keys, migrate_all
    from services.kernel.errors import Unavailable

    if not services:
        make_keys(settings)
    try:
        behind = migrate_all(settings, services or PARTIES)
    except Unavailable as away:
        print(f"a database is away, or its tables are held: {away.__cause__}".splitlines()[0], file=sys.stderr)
        return 1
    print(f"brought up: {', '.join(behind)}" if behind else "all databases are at this version")
    if not services and settings.bus != "embedded://":
        _declare([], settings)
    return 0


def _wait(services: Sequence[str], settings: Settings) -> int:
    """Wait until another step has migrated the databases. A process runs this before its first start."""
    from deploy.composition import PARTIES, await_migrated

    if behind := await_migrated(settings, services or PARTIES):
        print(f"still behind, or away: {', '.join(behind)}; run `guichuang migrate`", file=sys.stderr)
        return 1
    return 0


def _declare(services: Sequence[str], settings: Settings) -> None:
    from deploy.cluster import topology

    if services:
        topology.declare_own(settings, services)
    else:
        topology.declare_all(settings)
    print(f"the broker has the queues of {', '.join(services)}" if services else "the broker has all queues")


def _broker(options: argparse.Namespace, settings: Settings) -> int:
    from deploy.cluster.topology import definitions

    if options.what == "definitions":
        print(json.dumps(definitions(settings, accounts=options.accounts), indent=2))
        return 0
    if settings.bus == "embedded://":
        print("set GUICHUANG_BUS to the broker: amqp://user:password@host/vhost", file=sys.stderr)
        return 1
    if options.what == "federation":
        return _federation(options, settings)
    _declare(options.service, settings)
    return 0


def _federation(options: argparse.Namespace, settings: Settings) -> int:
    from deploy.cluster import federation

    if not settings.upstream:
        other = federation.link_account(options.code if options.side == "city" else PROVINCE)
        print(f"set GUICHUANG_UPSTREAM to the other side's broker: amqps://{other}:password@host/vhost", file=sys.stderr)
        return 1
    print(json.dumps(federation.definitions(settings, options.side, options.code), indent=2))
    return 0


def _run_events(options: argparse.Namespace, settings: Settings) -> int:
    from deploy.cli import events

    if options.what == "replay":
        events.replay_since(settings, options.since, recovered=options.recovered)
        return 0
    if options.letters == "list":
        events.list_parked(settings)
        return 0
    if options.letters == "show":
        return 0 if events.show(settings, options.event) else 1
    return 0 if events.replay_parked(settings, options.event) or not options.event else 1
