import { createFileRoute } from '@tanstack/react-router';
import { LeadsPage } from '@/features/leads/LeadsPage';
import { readLeadSearch } from '@/features/leads/search';

export const Route = createFileRoute('/_app/leads/')({ validateSearch: readLeadSearch, component: LeadsPage });
