import { describeCancelling } from './cancel.ts';

describeCancelling('embedded');
