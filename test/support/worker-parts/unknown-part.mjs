export default { authorizer: {}, handlers: 1 }
