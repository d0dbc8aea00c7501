"""Files that the gateway itself reads and makes: page images, workbooks, tables and archives."""
