import zlib from 'node:zlib'; import {promisify} from 'node:util'; import fs from 'node:fs'
const dr=promisify(zlib.deflateRaw), zc=promisify(zlib.zstdCompress), C=zlib.constants
const data=fs.readFileSync('/var/tmp/cx/s.tar')
async function pool(n,blockSize,fn,limit=data.length){let inflight=[],out=0;const t=performance.now();
 for(let o=0;o<limit;o+=blockSize){ if(inflight.length>=n) out+=(await inflight.shift()).length; inflight.push(fn(data.subarray(o,Math.min(limit,o+blockSize)),o)) }
 for(const p of inflight) out+=(await p).length
 const s=(performance.now()-t)/1e3
 return `${(limit/1e6/s).toFixed(0)} MB/s ratio out ${(out/1e6).toFixed(2)} rss ${process.memoryUsage().rss/1e6|0} maxrss ${process.resourceUsage().maxRSS/1e3|0}`}
const mode=process.argv[2]
if(mode==='gz') for(const [bs,n,cs] of [[256<<10,4,300<<10],[512<<10,4,600<<10],[1<<20,2,1200<<10],[1<<20,3,1200<<10],[1<<20,4,1200<<10],[1<<20,4,65536],[2<<20,3,2400<<10]])
 console.log('gz',bs>>10,n,cs>>10,await pool(n,bs,(b,o)=>dr(b,{level:6,memLevel:+(process.argv[3]??8),chunkSize:cs,finishFlush:C.Z_SYNC_FLUSH,...(o?{dictionary:data.subarray(o-32768,o)}:{})}),157286400))
if(mode==='zs') { const [,,,level,bsm,n]=process.argv; const bs=bsm*1048576
 const lim=+level>=15?100<<20:data.length
 console.log('zs',level,bsm,n,await pool(+n,bs,(b)=>zc(b,{chunkSize:bs+(bs>>8)+1024,pledgedSrcSize:b.length,params:{[C.ZSTD_c_compressionLevel]:+level,[C.ZSTD_c_checksumFlag]:1}}),lim)) }
