/** Ce que dit chaque type d’alerte, dans les mots du service. */
export default {
  audit_finding: "L'audit a trouvé quelque chose",
  backup_old: 'La dernière sauvegarde est ancienne',
  bank_unmatched: 'Lignes bancaires en attente',
  deliveries_failed: 'Livraisons non parties',
  invoice_overdue_30days: 'Facture très en retard',
  invoice_overdue_7days: 'Facture en retard',
  jobs_dead: 'Tâches abandonnées',
  jobs_waiting: "Tâches en attente d'un exécutant",
  mail_server_failing: 'Un serveur de courrier refuse',
  mail_unknown: 'Courriers au sort inconnu',
  prepaid_low: 'Unités prépayées bientôt épuisées',
  provider_silent: 'Un fournisseur ne transmet plus',
  quarantine_filling: 'Envois inexploitables',
  sign_ins_failing: 'Nombreuses connexions refusées',
  transfers_failed: 'Transferts entre entités en erreur',
  worker_silent: 'Une instance ne répond plus',
};
