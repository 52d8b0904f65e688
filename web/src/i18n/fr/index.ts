import demand from './demand';
import leads from './leads';
import setup from './setup';
import shell from './shell';
import watch from './watch';

export default { ...shell, ...leads, ...demand, ...watch, ...setup };
