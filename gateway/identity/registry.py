"""The commands, queries and sweeps of identity, by name."""

from __future__ import annotations

from gateway.identity import (
    accounts,
    acting_chiefs,
    api_keys,
    colleagues,
    contact_proofs,
    delegations,
    login_attempts,
    personal_data,
    registrations,
    reviewers,
    saved_settings,
    search,
    second_factor,
    sessions,
    single_sign_on,
    tables,
    todo,
    working_copies,
)
from gateway.identity.audited_rows import AUDITED
from services.kernel.registry import Registry

registry = Registry("gateway")

for kind, rows in AUDITED.items():
    registry.audits(kind, *rows)

registry.command(accounts.create_account)
registry.command(accounts.change_account)
registry.query(accounts.any_account)
registry.query(accounts.account_name)
registry.query(accounts.names_of)
registry.query(accounts.list_accounts)
registry.query(accounts.me)

registry.query(sessions.credentials)
registry.query(sessions.standing)
registry.query(sessions.list_sessions)
registry.command(sessions.open_session)
registry.command(sessions.renew_session)
registry.command(sessions.close_session)
registry.command(sessions.close_sessions)
registry.command(sessions.change_password)
registry.sweep("sessions", sessions.over, sessions.forget_sessions)

registry.command(login_attempts.take_attempts)
registry.command(login_attempts.settle_attempts)
registry.sweep("attempts", login_attempts.past_attempts, login_attempts.forget_attempts)

registry.command(second_factor.start_second_factor)
registry.command(second_factor.confirm_second_factor)
registry.command(second_factor.remove_second_factor)
registry.sweep("seal_anew", second_factor.sealed_before, second_factor.reseal)

registry.command(api_keys.create_key)
registry.command(api_keys.revoke_key)
registry.command(api_keys.use_key)
registry.query(api_keys.list_keys)

registry.command(delegations.delegate)
registry.command(delegations.change_delegation)
registry.query(delegations.list_delegations)

registry.command(single_sign_on.see_external)
registry.command(single_sign_on.open_external_session)

registry.command(personal_data.open_account)
registry.command(personal_data.erase_account)
registry.query(personal_data.list_looks)
registry.query(personal_data.own_data)
registry.keeps_personal_data(
    tables.accounts,
    tables.registrations,
    tables.sessions,
    tables.working_copies,
    tables.proofs,
    tables.own_settings,
)

registry.command(contact_proofs.change_contact)
registry.command(contact_proofs.confirm_contact)
registry.command(contact_proofs.request_reset)
registry.query(contact_proofs.reset_account)
registry.command(contact_proofs.reset_password)
registry.sweep("proofs", contact_proofs.past_proofs, contact_proofs.forget_proofs)

registry.command(acting_chiefs.appoint_acting_chief)
registry.command(acting_chiefs.end_acting_chief)
registry.query(acting_chiefs.list_acting_chiefs)

registry.query(colleagues.colleagues)

registry.command(reviewers.add_reviewer)
registry.command(reviewers.open_reviewer)
registry.command(reviewers.change_reviewer)
registry.command(reviewers.renew_reviewer)
registry.command(reviewers.close_reviewer)
registry.query(reviewers.list_reviewers)
registry.sweep("reviewer_terms", reviewers.terms_ending, reviewers.remind_of_term)

registry.query(saved_settings.get_settings)
registry.command(saved_settings.put_settings)
registry.query(search.search)
registry.query(todo.todo)
registry.query(todo.todo_counts)
registry.query(working_copies.working_copy)
registry.query(working_copies.list_working_copies)
registry.command(working_copies.keep_working_copy)
registry.command(working_copies.drop_working_copy)
registry.sweep("working_copies", working_copies.past_working_copies, working_copies.forget_working_copies)
registry.sweep("seal_working_copies_anew", working_copies.sealed_before, working_copies.reseal)

registry.command(registrations.seed_accounts)
registry.command(registrations.request_registration)
registry.query(registrations.list_registrations)
registry.query(registrations.registration_status)
registry.command(registrations.open_registration)
registry.command(registrations.decide_registration)
