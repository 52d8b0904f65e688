/** What each kind of alert says of a thing, in the words of the service: test/checks.test.ts holds them equal. */
export default {
  audit_finding: 'The audit found something',
  backup_old: 'The last backup is old',
  bank_unmatched: 'Bank lines nobody has dealt with',
  deliveries_failed: 'Deliveries that did not leave',
  invoice_overdue_30days: 'Invoice long overdue',
  invoice_overdue_7days: 'Invoice overdue',
  jobs_dead: 'Jobs that gave up',
  jobs_waiting: 'Jobs wait for a worker',
  mail_server_failing: 'A mail server refuses',
  mail_unknown: 'Mails of which nobody knows whether they left',
  prepaid_low: 'Units paid in advance run out',
  provider_silent: 'A provider fell silent',
  quarantine_filling: 'Payloads that cannot be used',
  sign_ins_failing: 'Many sign-ins fail',
  transfers_failed: 'Transfers between entities in error',
  worker_silent: 'An instance fell silent',
};
