"""Reports in people's words: pasted chats and messages become proposed reports, which somebody confirms."""
