"""Files that the gateway itself reads and makes: images of pages, workbooks, tables and archives."""
