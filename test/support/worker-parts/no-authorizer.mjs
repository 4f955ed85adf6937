export default { banner: 'Hello.' }
