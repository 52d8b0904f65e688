import { type QueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { redirect } from '@tanstack/react-router';
import { api } from '@/api/client';
import { Problem } from '@/api/problem';
import type { Permission, WhoView } from '@/api/schema';
import { ALL, scope, setScope, useScope } from '@/api/scope';
import { setZone } from '@/lib/format';

/** Who is signed in; the shell waits for it, so that everything within has it at once. */
export const whoQuery = api.queryOptions('get', '/api/auth/me', {}, { staleTime: 5 * 60_000 });

/** Who is signed in; whoever is not is sent to sign in, and from there back to `here`. */
export async function whoIs(queries: QueryClient, here: string): Promise<WhoView> {
  try {
    return await queries.ensureQueryData(whoQuery);
  } catch (error) {
    if (Problem.from(error).status === 401) throw redirect({ to: '/login', search: { back: here } });
    throw error;
  }
}

export function useWho(): WhoView {
  return useSuspenseQuery(whoQuery).data;
}

/** Whether the person may do what `permission` covers. */
export function useMay(): (permission: Permission) => boolean {
  const { permissions } = useWho();
  return (permission) => permissions.includes(permission);
}

/** Whether one entity is in scope, so that something can be changed: it would not be clear in which otherwise. */
export function useOneEntity(): boolean {
  const { entities } = useWho();
  return useScope() !== ALL || entities.length === 1;
}

/** The code of the entity something is created in, where one is in scope. */
export function useEntity(): string | undefined {
  const { entities } = useWho();
  const code = useScope();
  return entities.length === 1 ? entities[0]?.code : entities.find((entity) => entity.code === code)?.code;
}

/** Puts the scope kept from before within what this person may see, and shows instants in the zone of the business. */
export function settleScope(who: WhoView): void {
  setZone(who.entities[0]?.time_zone);
  const codes = who.entities.map((entity) => entity.code);
  const [only] = codes;
  if (codes.length === 1 && only !== undefined) {
    if (scope() !== only) setScope(only);
  } else if (!codes.includes(scope()) && scope() !== ALL) {
    setScope(ALL);
  }
}
