// A partner's program against a server with the stock of the demo: node autengo.cjs URL KEY DEALER USER, the
// last two the numbers that partners have for them.
// It asks as the published document shows, with axios alone and with axios and qs, and ends with an error where an
// answer is not what the question means.
const assert = require('node:assert');
const axios = require('axios');
const qs = require('qs');

const [url, key, dealer, user] = process.argv.slice(2);
const headers = { 'X-Api-Key': key };
const clients = {
  axios: axios.create({ baseURL: `${url}/v3`, headers }),
  indices: axios.create({ baseURL: `${url}/v3`, headers, paramsSerializer: { serialize: (params) => qs.stringify(params) } }),
  brackets: axios.create({
    baseURL: `${url}/v3`,
    headers,
    paramsSerializer: { serialize: (params) => qs.stringify(params, { arrayFormat: 'brackets', encodeValuesOnly: true }) },
  }),
};

// Every page of a list.
async function all(api, params) {
  const list = [];
  for (;;) {
    const { data } = await api.get('/vehicle', { params: { ...params, offset: list.length, limit: 40 } });
    list.push(...data.list);
    if (data.list.length === 0 || list.length === data.total) {
      assert.strictEqual(list.length, data.total);
      return list;
    }
  }
}

async function main() {
  const stock = await all(clients.axios, {});
  assert(stock.length > 50, `${stock.length} vehicles`);
  assert.strictEqual(new Set(stock.map((one) => one.sellingId)).size, stock.length);
  const questions = [
    [{ and: { vehicleState: 'inventory' } }, (one) => one.vehicleState.key === 'inventory'],
    [
      { and: { vehicleState: 'inventory', kilometers: ['>=|25000', '<=|100000'] } },
      (one) => one.vehicleState.key === 'inventory' && one.kilometers >= 25000 && one.kilometers <= 100000,
    ],
    [{ and: { makeName: ['Ford', 'Škoda'] } }, (one) => ['Ford', 'Škoda'].includes(one.makeName)],
    [{ and: { makeName: '<>|Ford' } }, (one) => one.makeName !== 'Ford'],
    [
      { and: { firstRegistration: ['>=|2024-01-01', '<|2026-01-01'] }, or: { colorId: [7, 9], fuelType: 'electric' } },
      (one) =>
        one.firstRegistration >= '2024-01-01' && one.firstRegistration < '2026-01-01' &&
        ([7, 9].includes(one.colorId?.key) || one.fuelType?.key === 'electric'),
    ],
    [{ search: 'Golf' }, (one) => one.modelName === 'Golf'],
  ];
  for (const [params, holds] of questions) {
    const expected = stock.filter(holds).map((one) => one.sellingId).sort();
    assert(expected.length > 0, JSON.stringify(params));
    for (const [name, api] of Object.entries(clients)) {
      const found = (await all(api, params)).map((one) => one.sellingId).sort();
      assert.deepStrictEqual(found, expected, `${name} ${JSON.stringify(params)}`);
    }
  }
  const dear = await all(clients.indices, { order: { field: 'price', dir: 'desc' } });
  const prices = dear.map((one) => one.priceYard);
  assert.deepStrictEqual(prices, [...prices].sort((one, other) => other - one));
  const one = (await clients.axios.get(`/vehicle/${stock[0].sellingId}`, { headers: { 'Accept-Language': 'en' } })).data.vehicle;
  assert.strictEqual(Object.keys(one).length, 102);
  assert.strictEqual(one.vehicleState.key, stock[0].vehicleState.key);
  const makes = (await clients.axios.get('/vehicle/reference/make')).data;
  const used = (await clients.brackets.get('/vehicle/filter/values', { params: { fields: ['makeId', 'modelId'] } })).data;
  for (const id of used.makeId) {
    assert(makes.list.some((make) => make.makeId === id), `make ${id}`);
    const models = (await clients.axios.get(`/vehicle/reference/make/${id}/model`)).data;
    assert.strictEqual(models.total, models.list.length);
    assert(models.list.some((model) => used.modelId.includes(model.modelId)), `models of ${id}`);
  }
  const offered = stock.find((one) => one.vehicleState.key === 'inventory');
  const opportunity = {
    sellingId: offered.sellingId,
    requestText: "I'm interested in this vehicle. Please contact me.",
    sourceType: 6,
    customer: {
      lastName: 'Doe', firstName: 'John', streetAddress: '123 Main St', zipCode: '12345', city: 'Anytown',
      phoneNumber: '555-1234', email: 'max.mustermann@example.org',
    },
  };
  const created = (await clients.axios.post('/opportunity', opportunity)).data;
  assert.strictEqual(created.status, 'success');
  assert(Number.isInteger(created.data.opportunityId));
  assert.deepStrictEqual((await clients.axios.post('/opportunity', opportunity)).data, created);
  // In the name of a user, in either header.
  const numbers = { dealerAlzuraId: Number(dealer), userAlzuraId: Number(user) };
  const issued = (await clients.axios.post('/auth/token', numbers)).data;
  assert.deepStrictEqual([issued.expires_in, issued.token_type, issued.scope], [86400, 'Bearer', 'AutengoApiV3']);
  const jwt = { headers: { Authorization: `JWT ${issued.token}` } };
  const fresh = (await clients.axios.get('/auth/refresh', jwt)).data;
  const bearer = { headers: { 'X-Authorization': `Bearer ${fresh.token}` } };
  const contact = { firstName: 'Max', lastName: 'Mustermann', iban: 'DE89370400440532013000', tecfacturaId: 'D123456789' };
  const made = await clients.axios.post('/contact', contact, jwt);
  assert.strictEqual(made.status, 201);
  const path = `/contact/${made.data.data.contact.ID}`;
  const changed = (await clients.axios.put(path, { lastName: 'Muster' }, bearer)).data.data.contact;
  assert.deepStrictEqual(changed, { ...made.data.data.contact, lastName: 'Muster' });
  assert.deepStrictEqual((await clients.axios.get('/contact/tecfactura/D123456789', jwt)).data.data.contact, changed);
  assert.strictEqual((await clients.axios.delete(path, jwt)).data.status, 'success');
  const gone = await clients.axios.get(path, { ...jwt, validateStatus: () => true });
  assert.strictEqual(gone.status, 404);
  const refused = await clients.axios.get('/vehicle', { params: { and: { colour: 'x' } }, validateStatus: () => true });
  assert.strictEqual(refused.status, 400);
  assert.strictEqual(refused.data.errors[0].pointer, 'query:and[colour]');
}

main().catch((error) => {
  console.error(error.response ? `${error.response.status} ${JSON.stringify(error.response.data)}` : error);
  process.exit(1);
});
