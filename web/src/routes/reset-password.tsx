import { createFileRoute } from '@tanstack/react-router';
import { ResetPassword } from '@/features/account/ResetPassword';

export const Route = createFileRoute('/reset-password')({ component: ResetPassword });
