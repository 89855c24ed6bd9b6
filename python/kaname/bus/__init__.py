"""How the parts of kaname tell each other what happened.

A bus is an ordered log of messages with a cursor. Delivery is at least once; a
subscriber may replay from a cursor; a durable one goes on where it had acknowledged to,
also after a restart; nothing is dropped without saying so. It runs in process with a
journal in one file, or on NATS JetStream; which one is said by a URL.
"""

from __future__ import annotations

from kaname.bus.bus import Bus, open_bus
from kaname.bus.message import GAP, Message
from kaname.bus.retention import Retention
from kaname.bus.subscription import Subscription

__all__ = ["GAP", "Bus", "Message", "Retention", "Subscription", "open_bus"]
