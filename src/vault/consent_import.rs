//! Many opt-ins and opt-outs at once, from rows that another program wrote.
