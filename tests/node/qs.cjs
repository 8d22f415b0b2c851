// Reads a JSON array of query strings on standard input and answers the array of what `qs` makes of them.
const qs = require('qs');

const texts = JSON.parse(require('fs').readFileSync(0, 'utf8'));
process.stdout.write(JSON.stringify(texts.map((text) => qs.parse(text))));
