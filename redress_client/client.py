"""The clients, a method for each call. Written by `python -m cli.client_methods`; not by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from redress_client import calls
from redress_client import models as m
from redress_client.sending import AsyncSender, Sender


class Redress(Sender):
    """The API, one call after the other. Safe to share; close it in the end."""

    def start_complaint(
        self, complaint: m.NewComplaint | Mapping[str, Any], *, key: str | None = None
    ) -> m.StartedComplaint:
        """Start a complaint; starting the same one again finds it."""
        return self.send(calls.start_complaint(complaint, key=key))

    def list_complaints(
        self,
        *,
        stage: Sequence[m.Stage] | None = None,
        severity: Sequence[m.Severity] | None = None,
        department: str | None = None,
        handler: str | None = None,
        category: str | None = None,
        source: str | None = None,
        overdue: bool | None = None,
        text: str | None = None,
        received_from: datetime | None = None,
        received_to: datetime | None = None,
        sort: m.Sort | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> m.ComplaintPage:
        """List a page of the complaints that you may see; `sort` with a minus for the greatest first."""
        return self.send(
            calls.list_complaints(
                stage=stage,
                severity=severity,
                department=department,
                handler=handler,
                category=category,
                source=source,
                overdue=overdue,
                text=text,
                received_from=received_from,
                received_to=received_to,
                sort=sort,
                limit=limit,
                cursor=cursor,
            )
        )

    def read_complaint(self, number: str, *, min_seq: int | None = None) -> m.ShownComplaint:
        """Show a complaint as it stands, at least as of event `min_seq`."""
        return self.send(calls.read_complaint(number, min_seq=min_seq))

    def read_timeline(
        self, number: str, *, after: int | None = None, limit: int | None = None, min_seq: int | None = None
    ) -> m.Timeline:
        """Show a page of what happened to a complaint."""
        return self.send(calls.read_timeline(number, after=after, limit=limit, min_seq=min_seq))

    def send_command(
        self,
        number: str,
        command: m.Command | Mapping[str, Any],
        *,
        key: str | None = None,
        received_at: datetime | None = None,
        expected_seq: int | None = None,
    ) -> m.CommandAnswer:
        """Let a command act; the answer is the state after it. `received_at` is when it reached you."""
        return self.send(
            calls.send_command(number, command, key=key, received_at=received_at, expected_seq=expected_seq)
        )

    def send_commands(self, commands: Sequence[m.BulkItem], *, key: str | None = None) -> m.BulkAnswer:
        """Send up to 100 commands at once; each is answered by itself."""
        return self.send(calls.send_commands(commands, key=key))

    def give_feedback(
        self,
        number: str,
        feedback: m.GiveFeedback,
        *,
        key: str | None = None,
        received_at: datetime | None = None,
    ) -> m.CommandAnswer:
        """Record what the customer was told."""
        return self.send(calls.give_feedback(number, feedback, key=key, received_at=received_at))

    def record_satisfaction(
        self,
        number: str,
        said: m.RecordFollowUp,
        *,
        key: str | None = None,
        received_at: datetime | None = None,
    ) -> m.CommandAnswer:
        """Record what the customer said when asked whether it is settled."""
        return self.send(calls.record_satisfaction(number, said, key=key, received_at=received_at))

    def list_escalations(
        self, *, mine: bool | None = None, limit: int | None = None, cursor: str | None = None
    ) -> m.EscalationPage:
        """List a page of the escalations that wait for you, or with `mine=False` of all that you may see."""
        return self.send(calls.list_escalations(mine=mine, limit=limit, cursor=cursor))

    def acknowledge_escalation(
        self, number: str, escalation: str, *, key: str | None = None
    ) -> m.CommandAnswer:
        """Say: I have it."""
        return self.send(calls.acknowledge_escalation(number, escalation, key=key))

    def reassign_escalation(
        self,
        number: str,
        escalation: str,
        *,
        department: str,
        reason: str,
        person: str | None = None,
        key: str | None = None,
    ) -> m.CommandAnswer:
        """Let somebody else of the same rank take it up."""
        return self.send(
            calls.reassign_escalation(
                number, escalation, department=department, reason=reason, person=person, key=key
            )
        )

    def decline_escalation(
        self, number: str, escalation: str, *, reason: str, key: str | None = None
    ) -> m.CommandAnswer:
        """Say that it is not yours; it climbs at once."""
        return self.send(calls.decline_escalation(number, escalation, reason=reason, key=key))

    def resolve_escalation(
        self, number: str, escalation: str, *, resolution: str, key: str | None = None
    ) -> m.CommandAnswer:
        """Say what was done about it."""
        return self.send(calls.resolve_escalation(number, escalation, resolution=resolution, key=key))

    def attach_file(
        self,
        number: str,
        file: Path | bytes | BinaryIO,
        *,
        file_name: str | None = None,
        media_type: str | None = None,
        key: str | None = None,
    ) -> m.AttachedFile:
        """Put a file on a complaint. A path is opened when it is sent; a stream must be one that can be read again."""
        return self.send(calls.attach_file(number, file, file_name=file_name, media_type=media_type, key=key))

    def list_attachments(self, number: str, *, min_seq: int | None = None) -> m.FilePage:
        """List a complaint's files, those that were removed included."""
        return self.send(calls.list_attachments(number, min_seq=min_seq))

    def get_attachment(self, number: str, attachment: str) -> bytes:
        """Fetch the bytes of a file."""
        return self.send(calls.get_attachment(number, attachment))

    def remove_file(
        self, number: str, attachment: str, *, reason: str, key: str | None = None
    ) -> m.AttachedFile:
        """Take a file away; its digest stays in the ledger."""
        return self.send(calls.remove_file(number, attachment, reason=reason, key=key))

    def list_policies(self) -> m.PolicyList:
        """List every activation of a policy, the latest first."""
        return self.send(calls.list_policies())

    def read_policy(self, name: str) -> m.ShownPolicy:
        """Show a policy in full."""
        return self.send(calls.read_policy(name))

    def read_org(self) -> m.ShownOrg:
        """Show departments and people."""
        return self.send(calls.read_org())

    def livez(self) -> m.Alive:
        """Ask whether the process answers."""
        return self.send(calls.livez())

    def readyz(self) -> m.Readiness:
        """Ask whether requests can be served."""
        return self.send(calls.readyz())

    def encode_payloads(
        self, payloads: Sequence[Mapping[str, Any]], *, workflow: str | None = None
    ) -> dict[str, Any]:
        """Seal and encrypt payloads before they go to Temporal; `workflow` is the complaint that they go to."""
        return self.send(calls.encode_payloads(payloads, workflow=workflow))

    def decode_payloads(self, payloads: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Decrypt payloads of complaints that you may see."""
        return self.send(calls.decode_payloads(payloads))

    def create_webhook(self, subscription: Mapping[str, Any], *, key: str | None = None) -> dict[str, Any]:
        """Subscribe to events; the answer holds the secret, this once."""
        return self.send(calls.create_webhook(subscription, key=key))

    def list_webhooks(self) -> dict[str, Any]:
        """List your subscriptions."""
        return self.send(calls.list_webhooks())

    def read_webhook(self, name: str) -> dict[str, Any]:
        """Show a subscription."""
        return self.send(calls.read_webhook(name))

    def delete_webhook(self, name: str) -> None:
        """End a subscription."""
        return self.send(calls.delete_webhook(name))

    def pause_webhook(self, name: str, *, key: str | None = None) -> dict[str, Any]:
        """Stop deliveries; what happens meanwhile waits."""
        return self.send(calls.pause_webhook(name, key=key))

    def resume_webhook(self, name: str, *, key: str | None = None) -> dict[str, Any]:
        """Let deliveries go on."""
        return self.send(calls.resume_webhook(name, key=key))

    def rotate_webhook_secret(self, name: str, *, key: str | None = None) -> dict[str, Any]:
        """Get a new secret, this once; the old one signs on for a while."""
        return self.send(calls.rotate_webhook_secret(name, key=key))

    def ping_webhook(self, name: str, *, key: str | None = None) -> dict[str, Any]:
        """Have a test event delivered now."""
        return self.send(calls.ping_webhook(name, key=key))

    def list_deliveries(
        self,
        name: str,
        *,
        progress: str | None = None,
        number: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> dict[str, Any]:
        """List a page of what became of events, the newest first."""
        return self.send(
            calls.list_deliveries(name, progress=progress, number=number, cursor=cursor, limit=limit)
        )

    def replay_webhook(self, name: str, what: Mapping[str, Any], *, key: str | None = None) -> dict[str, Any]:
        """Have events sent again, with the ids they had."""
        return self.send(calls.replay_webhook(name, what, key=key))

    def complaints(
        self,
        *,
        stage: Sequence[m.Stage] | None = None,
        severity: Sequence[m.Severity] | None = None,
        department: str | None = None,
        handler: str | None = None,
        category: str | None = None,
        source: str | None = None,
        overdue: bool | None = None,
        text: str | None = None,
        received_from: datetime | None = None,
        received_to: datetime | None = None,
        sort: m.Sort | None = None,
    ) -> Iterator[m.Line]:
        """Go through all pages of `list_complaints`, asking for the next one when it is needed."""
        return self._pages(
            lambda mark: calls.list_complaints(
                stage=stage,
                severity=severity,
                department=department,
                handler=handler,
                category=category,
                source=source,
                overdue=overdue,
                text=text,
                received_from=received_from,
                received_to=received_to,
                sort=sort,
                cursor=mark,
                limit=200,
            ),
            lambda page: page.complaints,
            lambda page: page.next_cursor,
        )

    def escalations(self, *, mine: bool | None = None) -> Iterator[m.WaitingEscalation]:
        """Go through all pages of `list_escalations`, asking for the next one when it is needed."""
        return self._pages(
            lambda mark: calls.list_escalations(mine=mine, cursor=mark, limit=200),
            lambda page: page.escalations,
            lambda page: page.next_cursor,
        )

    def timeline(self, number: str, *, min_seq: int | None = None) -> Iterator[m.ShownEvent]:
        """Go through all pages of `read_timeline`, asking for the next one when it is needed."""
        return self._pages(
            lambda mark: calls.read_timeline(number, min_seq=min_seq, after=mark, limit=200),
            lambda page: page.events,
            lambda page: page.next_after,
        )


class AsyncRedress(AsyncSender):
    """The API, without blocking. Safe to share; close it in the end."""

    async def start_complaint(
        self, complaint: m.NewComplaint | Mapping[str, Any], *, key: str | None = None
    ) -> m.StartedComplaint:
        """Start a complaint; starting the same one again finds it."""
        return await self.send(calls.start_complaint(complaint, key=key))

    async def list_complaints(
        self,
        *,
        stage: Sequence[m.Stage] | None = None,
        severity: Sequence[m.Severity] | None = None,
        department: str | None = None,
        handler: str | None = None,
        category: str | None = None,
        source: str | None = None,
        overdue: bool | None = None,
        text: str | None = None,
        received_from: datetime | None = None,
        received_to: datetime | None = None,
        sort: m.Sort | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> m.ComplaintPage:
        """List a page of the complaints that you may see; `sort` with a minus for the greatest first."""
        return await self.send(
            calls.list_complaints(
                stage=stage,
                severity=severity,
                department=department,
                handler=handler,
                category=category,
                source=source,
                overdue=overdue,
                text=text,
                received_from=received_from,
                received_to=received_to,
                sort=sort,
                limit=limit,
                cursor=cursor,
            )
        )

    async def read_complaint(self, number: str, *, min_seq: int | None = None) -> m.ShownComplaint:
        """Show a complaint as it stands, at least as of event `min_seq`."""
        return await self.send(calls.read_complaint(number, min_seq=min_seq))

    async def read_timeline(
        self, number: str, *, after: int | None = None, limit: int | None = None, min_seq: int | None = None
    ) -> m.Timeline:
        """Show a page of what happened to a complaint."""
        return await self.send(calls.read_timeline(number, after=after, limit=limit, min_seq=min_seq))

    async def send_command(
        self,
        number: str,
        command: m.Command | Mapping[str, Any],
        *,
        key: str | None = None,
        received_at: datetime | None = None,
        expected_seq: int | None = None,
    ) -> m.CommandAnswer:
        """Let a command act; the answer is the state after it. `received_at` is when it reached you."""
        return await self.send(
            calls.send_command(number, command, key=key, received_at=received_at, expected_seq=expected_seq)
        )

    async def send_commands(self, commands: Sequence[m.BulkItem], *, key: str | None = None) -> m.BulkAnswer:
        """Send up to 100 commands at once; each is answered by itself."""
        return await self.send(calls.send_commands(commands, key=key))

    async def give_feedback(
        self,
        number: str,
        feedback: m.GiveFeedback,
        *,
        key: str | None = None,
        received_at: datetime | None = None,
    ) -> m.CommandAnswer:
        """Record what the customer was told."""
        return await self.send(calls.give_feedback(number, feedback, key=key, received_at=received_at))

    async def record_satisfaction(
        self,
        number: str,
        said: m.RecordFollowUp,
        *,
        key: str | None = None,
        received_at: datetime | None = None,
    ) -> m.CommandAnswer:
        """Record what the customer said when asked whether it is settled."""
        return await self.send(calls.record_satisfaction(number, said, key=key, received_at=received_at))

    async def list_escalations(
        self, *, mine: bool | None = None, limit: int | None = None, cursor: str | None = None
    ) -> m.EscalationPage:
        """List a page of the escalations that wait for you, or with `mine=False` of all that you may see."""
        return await self.send(calls.list_escalations(mine=mine, limit=limit, cursor=cursor))

    async def acknowledge_escalation(
        self, number: str, escalation: str, *, key: str | None = None
    ) -> m.CommandAnswer:
        """Say: I have it."""
        return await self.send(calls.acknowledge_escalation(number, escalation, key=key))

    async def reassign_escalation(
        self,
        number: str,
        escalation: str,
        *,
        department: str,
        reason: str,
        person: str | None = None,
        key: str | None = None,
    ) -> m.CommandAnswer:
        """Let somebody else of the same rank take it up."""
        return await self.send(
            calls.reassign_escalation(
                number, escalation, department=department, reason=reason, person=person, key=key
            )
        )

    async def decline_escalation(
        self, number: str, escalation: str, *, reason: str, key: str | None = None
    ) -> m.CommandAnswer:
        """Say that it is not yours; it climbs at once."""
        return await self.send(calls.decline_escalation(number, escalation, reason=reason, key=key))

    async def resolve_escalation(
        self, number: str, escalation: str, *, resolution: str, key: str | None = None
    ) -> m.CommandAnswer:
        """Say what was done about it."""
        return await self.send(calls.resolve_escalation(number, escalation, resolution=resolution, key=key))

    async def attach_file(
        self,
        number: str,
        file: Path | bytes | BinaryIO,
        *,
        file_name: str | None = None,
        media_type: str | None = None,
        key: str | None = None,
    ) -> m.AttachedFile:
        """Put a file on a complaint. A path is opened when it is sent; a stream must be one that can be read again."""
        return await self.send(
            calls.attach_file(number, file, file_name=file_name, media_type=media_type, key=key)
        )

    async def list_attachments(self, number: str, *, min_seq: int | None = None) -> m.FilePage:
        """List a complaint's files, those that were removed included."""
        return await self.send(calls.list_attachments(number, min_seq=min_seq))

    async def get_attachment(self, number: str, attachment: str) -> bytes:
        """Fetch the bytes of a file."""
        return await self.send(calls.get_attachment(number, attachment))

    async def remove_file(
        self, number: str, attachment: str, *, reason: str, key: str | None = None
    ) -> m.AttachedFile:
        """Take a file away; its digest stays in the ledger."""
        return await self.send(calls.remove_file(number, attachment, reason=reason, key=key))

    async def list_policies(self) -> m.PolicyList:
        """List every activation of a policy, the latest first."""
        return await self.send(calls.list_policies())

    async def read_policy(self, name: str) -> m.ShownPolicy:
        """Show a policy in full."""
        return await self.send(calls.read_policy(name))

    async def read_org(self) -> m.ShownOrg:
        """Show departments and people."""
        return await self.send(calls.read_org())

    async def livez(self) -> m.Alive:
        """Ask whether the process answers."""
        return await self.send(calls.livez())

    async def readyz(self) -> m.Readiness:
        """Ask whether requests can be served."""
        return await self.send(calls.readyz())

    async def encode_payloads(
        self, payloads: Sequence[Mapping[str, Any]], *, workflow: str | None = None
    ) -> dict[str, Any]:
        """Seal and encrypt payloads before they go to Temporal; `workflow` is the complaint that they go to."""
        return await self.send(calls.encode_payloads(payloads, workflow=workflow))

    async def decode_payloads(self, payloads: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Decrypt payloads of complaints that you may see."""
        return await self.send(calls.decode_payloads(payloads))

    async def create_webhook(
        self, subscription: Mapping[str, Any], *, key: str | None = None
    ) -> dict[str, Any]:
        """Subscribe to events; the answer holds the secret, this once."""
        return await self.send(calls.create_webhook(subscription, key=key))

    async def list_webhooks(self) -> dict[str, Any]:
        """List your subscriptions."""
        return await self.send(calls.list_webhooks())

    async def read_webhook(self, name: str) -> dict[str, Any]:
        """Show a subscription."""
        return await self.send(calls.read_webhook(name))

    async def delete_webhook(self, name: str) -> None:
        """End a subscription."""
        return await self.send(calls.delete_webhook(name))

    async def pause_webhook(self, name: str, *, key: str | None = None) -> dict[str, Any]:
        """Stop deliveries; what happens meanwhile waits."""
        return await self.send(calls.pause_webhook(name, key=key))

    async def resume_webhook(self, name: str, *, key: str | None = None) -> dict[str, Any]:
        """Let deliveries go on."""
        return await self.send(calls.resume_webhook(name, key=key))

    async def rotate_webhook_secret(self, name: str, *, key: str | None = None) -> dict[str, Any]:
        """Get a new secret, this once; the old one signs on for a while."""
        return await self.send(calls.rotate_webhook_secret(name, key=key))

    async def ping_webhook(self, name: str, *, key: str | None = None) -> dict[str, Any]:
        """Have a test event delivered now."""
        return await self.send(calls.ping_webhook(name, key=key))

    async def list_deliveries(
        self,
        name: str,
        *,
        progress: str | None = None,
        number: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> dict[str, Any]:
        """List a page of what became of events, the newest first."""
        return await self.send(
            calls.list_deliveries(name, progress=progress, number=number, cursor=cursor, limit=limit)
        )

    async def replay_webhook(
        self, name: str, what: Mapping[str, Any], *, key: str | None = None
    ) -> dict[str, Any]:
        """Have events sent again, with the ids they had."""
        return await self.send(calls.replay_webhook(name, what, key=key))

    def complaints(
        self,
        *,
        stage: Sequence[m.Stage] | None = None,
        severity: Sequence[m.Severity] | None = None,
        department: str | None = None,
        handler: str | None = None,
        category: str | None = None,
        source: str | None = None,
        overdue: bool | None = None,
        text: str | None = None,
        received_from: datetime | None = None,
        received_to: datetime | None = None,
        sort: m.Sort | None = None,
    ) -> AsyncIterator[m.Line]:
        """Go through all pages of `list_complaints`, asking for the next one when it is needed."""
        return self._pages(
            lambda mark: calls.list_complaints(
                stage=stage,
                severity=severity,
                department=department,
                handler=handler,
                category=category,
                source=source,
                overdue=overdue,
                text=text,
                received_from=received_from,
                received_to=received_to,
                sort=sort,
                cursor=mark,
                limit=200,
            ),
            lambda page: page.complaints,
            lambda page: page.next_cursor,
        )

    def escalations(self, *, mine: bool | None = None) -> AsyncIterator[m.WaitingEscalation]:
        """Go through all pages of `list_escalations`, asking for the next one when it is needed."""
        return self._pages(
            lambda mark: calls.list_escalations(mine=mine, cursor=mark, limit=200),
            lambda page: page.escalations,
            lambda page: page.next_cursor,
        )

    def timeline(self, number: str, *, min_seq: int | None = None) -> AsyncIterator[m.ShownEvent]:
        """Go through all pages of `read_timeline`, asking for the next one when it is needed."""
        return self._pages(
            lambda mark: calls.read_timeline(number, min_seq=min_seq, after=mark, limit=200),
            lambda page: page.events,
            lambda page: page.next_after,
        )
