import { useQuery } from '@tanstack/react-query';
import { api } from '@/api/client';

declare const __BUILD__: string;

const POLL_MS = 5 * 60_000;

/** Whether the service now serves another console than the one that runs here. */
export function useNewVersion(): boolean {
  const version = useQuery(api.queryOptions('get', '/api/system/version', {}, { refetchInterval: POLL_MS, staleTime: POLL_MS }));
  const served = version.data?.console;
  return import.meta.env.PROD && served !== undefined && served !== null && !served.startsWith(__BUILD__);
}
