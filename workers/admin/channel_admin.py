"""What admins set for channels from Slack, with how it was before and after noted. Whether they may was asked before."""

from collections.abc import Mapping
from dataclasses import dataclass

from ingestion.catalogue import Catalogue
from workers.admin.audit import Audit
from workers.admin.channel_words import state_of
from workers.admin.source_admin import Asker
from workers.channels import AS_EVERYWHERE, Changed, Channels, ChannelSettings


@dataclass(frozen=True, slots=True)
class ChannelAdmin:
    """Over the channels of one team. All methods raise DatabaseUnavailable."""

    channels: Channels
    catalogue: Catalogue
    audit: Audit

    def all(self) -> Mapping[str, Changed]:
        """The channels for which something is set, by id."""
        return self.channels.all()

    def of(self, channel_id: str) -> ChannelSettings:
        return self.channels.of(channel_id)

    def names(self) -> dict[str, str]:
        """Those of the sources, by id."""
        return {one.id: one.name for one in self.catalogue.sources()}

    def choosable(self) -> dict[str, str]:
        """Names of the sources that a channel may be limited to, by id; verified answers are searched everywhere."""
        found = self.catalogue.sources()
        return {one.id: one.name for one in found if one.kind != "answers" and one.state == "active"}

    def put(self, channel_id: str, settings: ChannelSettings, asker: Asker) -> bool:
        """Have these hold in the channel from now on. False where they did already, and nothing is noted."""
        return self._put(channel_id, settings, asker, "settings")

    def reset(self, channel_id: str, asker: Asker) -> bool:
        """Have everything as everywhere; False where it was."""
        return self._put(channel_id, AS_EVERYWHERE, asker, "reset")

    def _put(self, channel_id: str, settings: ChannelSettings, asker: Asker, action: str) -> bool:
        before, names = self.channels.of(channel_id), self.names()
        if before == settings:
            return False
        self.channels.put(channel_id, settings, by=asker.user_id)
        self.audit.note(
            asker.user_id,
            action,
            channel_id,
            channel_id=asker.channel_id,
            before=state_of(before, names),
            after=state_of(settings, names),
        )
        return True
