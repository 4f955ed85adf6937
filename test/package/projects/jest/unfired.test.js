test('nothing is deleted', () => {
  ftp.use({ name: 'own', rules: [{ when: { command: 'DELE' }, then: { reply: '550 No.' } }] })
})
