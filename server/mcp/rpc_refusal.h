#pragma once

#include "engine/base/result.h"
#include "server/mcp/json_rpc.h"

namespace skillbox {

inline tl::unexpected<RpcError> refuse(RpcError::Code code, const QString &message)
{
    return tl::unexpected<RpcError>(RpcError{code, message});
}

/// What the engine says, as an answer to a request.
inline tl::unexpected<RpcError> refuse(const Error &error)
{
    switch (error.code) {
    case ErrorCode::BadRequest:
    case ErrorCode::InvalidInput:
    case ErrorCode::TooLarge: return refuse(RpcError::InvalidParams, error.message);
    case ErrorCode::Forbidden:
    case ErrorCode::Unauthorized: return refuse(RpcError::Forbidden, error.message);
    case ErrorCode::Busy:
    case ErrorCode::RateLimited: return refuse(RpcError::Busy, error.message);
    case ErrorCode::NotFound: return refuse(RpcError::ResourceNotFound, error.message);
    default: return refuse(RpcError::Internal, error.message);
    }
}

} // namespace skillbox
