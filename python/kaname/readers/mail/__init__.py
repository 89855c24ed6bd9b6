"""Mail: mailboxes and single messages to the table `mail`, one step a module.

`mailbox` cuts a source into messages, `message` makes a row of one; `charsets`, `addresses`,
`hops`, `bodies`, `attachments`, `simhash` and `language` each know one thing of it.
"""
