import type { ControlPorts } from './control-ports.ts';
import { Endpoints } from './endpoints.ts';
import { addCacheRoutes } from './routes-cache.ts';
import { addDownloadRoutes } from './routes-downloads.ts';
import { addPluginRoutes } from './routes-plugins.ts';
import { addServiceRoutes } from './routes-service.ts';
import { addSettingsRoutes } from './routes-settings.ts';
import { addSharingRoutes } from './routes-sharing.ts';
import { addTaskRoutes } from './routes-tasks.ts';

/** Answers requests for the control plane. */
export interface ControlPlane {
  /** Never rejects; what it has nothing for is a 404. */
  fetch(request: Request): Promise<Response>;
  /** Every endpoint as `METHOD /path`. */
  readonly endpoints: readonly string[];
  /** The OpenAPI document. */
  document(): unknown;
}

/** The control plane over `ports`. Who may ask is settled before. */
export const controlPlane = (ports: ControlPorts): ControlPlane => {
  const endpoints = new Endpoints(ports.note);
  // What has a name of its own comes before what stands for any.
  for (const add of [
    addSharingRoutes,
    addTaskRoutes,
    addCacheRoutes,
    addSettingsRoutes,
    addPluginRoutes,
    addDownloadRoutes,
    addServiceRoutes,
  ]) {
    add(endpoints, ports);
  }
  return {
    fetch: (request) => endpoints.fetch(request),
    endpoints: endpoints.all,
    document: () => endpoints.document(ports.version),
  };
};
