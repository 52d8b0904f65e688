import account from './account';
import activity from './activity';
import demand from './demand';
import leads from './leads';
import legal from './legal';
import problems from './problems';
import setup from './setup';
import shell from './shell';
import watch from './watch';

export default { ...account, ...activity, ...shell, ...problems, ...leads, ...legal, ...demand, ...watch, ...setup };
