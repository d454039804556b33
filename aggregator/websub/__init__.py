"""WebSub (W3C Recommendation of 23 January 2018): as a publisher and as a subscriber."""
