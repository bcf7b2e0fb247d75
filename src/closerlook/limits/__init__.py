"""How often something may be tried before it is closed for a while: kept in rows, so that it holds over processes."""
