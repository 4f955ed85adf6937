// The same at the same time, in another of jest's workers.
require('./report.test.js')
