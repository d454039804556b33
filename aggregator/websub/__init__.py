"""WebSub (W3C Recommendation of 23 January 2018): hubs hear of our news, and we of others'."""
