#include "engine/sandbox/launcher/status_report.h"

#include "engine/sandbox/protocol/messages.h"
#include "engine/sandbox/protocol/packet.h"

namespace skillbox::launcher {

void reportFailure(int statusSocket, const std::string &stage, int errorNumber)
{
    protocol::RunMessage message;
    message.kind = protocol::RunMessage::Failed;
    message.stage = stage;
    message.errorNumber = static_cast<uint32_t>(errorNumber);
    protocol::sendPacket(statusSocket, protocol::encode(message));
}

} // namespace skillbox::launcher
