import { topologies } from './topologies.ts';

topologies(20);
