/** Quand chaque type d’alerte est signalé ; {{n}} est son seuil. En anglais, ce sont les mots du service. */
const conditions: Record<string, string> = {
  audit_finding: 'un contrôle de l’audit trouve plus de {{n}} choses contraires à ce qu’il prouve, ou n’a pas pu être fait',
  backup_old: 'la dernière sauvegarde réussie date de plus de {{n}} heures',
  bank_unmatched: 'des lignes d’un compte bancaire attendent depuis {{n}} jours ou plus',
  deliveries_failed: 'des livraisons d’un client sont en échec depuis plus de {{n}} minutes',
  invoice_overdue_30days: 'une facture d’un client est échue depuis {{n}} jours ou plus',
  invoice_overdue_7days: 'une facture d’un client est échue depuis {{n}} jours ou plus, et pas encore d’assez longtemps pour l’alerte plus grave',
  jobs_dead: 'plus de {{n}} tâches d’une même sorte ont épuisé leurs tentatives',
  jobs_waiting: 'une tâche est due depuis plus de {{n}} minutes',
  mail_server_failing: 'le serveur de courrier d’une entité a échoué {{n}} fois de suite',
  mail_unknown: 'on ignore depuis plus de {{n}} minutes, et moins de 30 jours, ce qu’est devenu un courrier',
  prepaid_low: 'un client dont une commande est active n’a plus que {{n}} unités prépayées, ou moins ; à zéro, c’est critique',
  provider_silent: 'un fournisseur qui envoyait des leads la semaine d’avant n’en a envoyé aucun depuis {{n}} heures',
  quarantine_filling: 'plus de {{n}} envois sont arrivés en quarantaine en un jour',
  sign_ins_failing: 'plus de {{n}} connexions ont échoué en une heure',
  transfers_failed: 'ce qu’une entité doit à une autre est en erreur depuis plus de {{n}} heures',
  worker_silent: 'une instance qui ne s’est pas arrêtée d’elle-même n’a pas donné signe de vie depuis {{n}} minutes',
};

export default conditions;
