"""What a record is: records, table columns, labels, reasons and ids. Imports nothing of ours."""
