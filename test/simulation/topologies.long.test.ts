import { topologies } from './topologies.ts';

topologies(200);
